"""Signatures of webhooks: Standard Webhooks, GitHub and Stripe (docs/senders.md).

Each is an HMAC with SHA-256 over the bytes of the body as they were sent, compared as text.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

Headers = Mapping[str, str]

WINDOW_SECONDS = 300
_LEAST_BYTES = 16
_MAX_SIGNATURES = 10
_TIME = re.compile("[0-9]{1,12}")
# Neither a comma, which joins repeated headers, nor a dot, which ends the id in what is signed.
_NAME = re.compile(r"[!-+/-~-]{1,255}")


class _Shown(NamedTuple):
    signatures: list[str]
    before: str  # is signed before the body
    time: str | None  # None where the scheme signs none
    delivery: dict[str, str]


def _standard_webhooks(headers: Headers) -> _Shown:
    name = "webhook" if "webhook-id" in headers else "svix"  # the name before it was a standard
    parts = ("signature", "id", "timestamp")
    signatures, delivery_id, time = (headers.get(f"{name}-{part}", "") for part in parts)
    return _Shown(signatures.split(" "), f"{delivery_id}.{time}.", time, {"id": delivery_id})


def _github(headers: Headers) -> _Shown:
    delivery = {"id": headers.get("x-github-delivery", "")}
    if "x-github-event" in headers:
        delivery["event"] = headers["x-github-event"]
    return _Shown([headers.get("x-hub-signature-256", "")], "", None, delivery)


def _stripe(headers: Headers) -> _Shown:
    pairs = [part.split("=", 1) for part in headers.get("stripe-signature", "").split(",")]
    time = ",".join(pair[-1] for pair in pairs if pair[0] == "t")  # two of them are not a time
    return _Shown([pair[-1] for pair in pairs if pair[0] == "v1"], f"{time}.", time, {})


def _base64_key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_").rstrip("=")
    return b64decode(text + "=" * (-len(text) % 4), validate=True)


def _base64_text(digest: bytes) -> str:
    return f"v1,{b64encode(digest).decode()}"


Scheme = tuple[Callable[[str], bytes], Callable[[bytes], str], Callable[[Headers], _Shown]]

# Per scheme: from secret to key, from digest to signature, and a reader of the headers.
SCHEMES: dict[str, Scheme] = {
    "standard-webhooks": (_base64_key, _base64_text, _standard_webhooks),
    "github": (str.encode, lambda digest: f"sha256={digest.hex()}", _github),
    "stripe": (str.encode, bytes.hex, _stripe),
}


@dataclass(frozen=True, slots=True)
class Signing:
    """A client's signing: the scheme and its secret, or two secrets during a rotation."""

    scheme: str
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def from_entry(cls, *, scheme: str, secrets: list[str]) -> Self:
        """Return what an entry says; raise ValueError or KeyError if nobody should use it."""
        sizes = [len(SCHEMES[scheme][0](secret)) for secret in secrets]
        if not isinstance(secrets, list) or len(sizes) not in (1, 2) or min(sizes) < _LEAST_BYTES:
            raise ValueError(f"One or two secrets of {_LEAST_BYTES} bytes or more are needed.")
        return cls(scheme, tuple(secrets))

    def delivery(self, headers: Headers) -> dict[str, str]:
        """Return what names the delivery; nothing where the scheme has its id in the body."""
        return SCHEMES[self.scheme][2](headers).delivery

    def secret_of(self, headers: Headers, body: bytes, now: float) -> str | None:
        """Return the secret that signed *body*; None for a signature that is wrong or too old."""
        key_of, text_of, shown_in = SCHEMES[self.scheme]
        signatures, before, time, delivery = shown_in(headers)
        is_now = time is None or (_TIME.fullmatch(time) and abs(now - int(time)) <= WINDOW_SECONDS)
        if not is_now or not all(map(_NAME.fullmatch, delivery.values())):
            return None
        found = None
        for secret in self.secrets:
            expected = text_of(hmac.digest(key_of(secret), before.encode() + body, "sha256"))
            for each in signatures[:_MAX_SIGNATURES]:
                if hmac.compare_digest(expected.encode(), each.encode("utf-8", "surrogatepass")):
                    found = secret
        return found


UNSIGNED = Signing("github", ())  # no secret ever fits
