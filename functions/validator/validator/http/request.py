"""A request as API Gateway sends it (payload format 2.0), and the bytes of its body."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..deadline import Deadline
from ..intake.message import MAX_BYTES
from ..problems import Kind, ProblemError

# Lambda's limit of an event; only a compressed body can hold more.
MAX_BODY_BYTES = 6 * 1024 * 1024
# The longest body that is read to find the token in it: until then nobody is known to pay for it.
MAX_TOKEN_BODY_BYTES = 128 * 1024
NDJSON = "application/x-ndjson"
CLOUDEVENTS = "application/cloudevents"
BOM = b"\xef\xbb\xbf"

_NDJSON_NAMES = {NDJSON, "application/ndjson", "application/jsonl"}
_UTF8_NAMES = {"utf-8", "utf8", "us-ascii"}
_REPLACED = "\ufffd"
_GZIP_FORMAT = 16 + zlib.MAX_WBITS


class ForeignEventError(Exception):
    """The function was invoked with an event that is not API Gateway's, payload format 2.0."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are lower case."""

    route: str
    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    source_ip: str
    text: str
    is_base64: bool
    deadline: Deadline

    @classmethod
    def from_event(cls, event: Mapping[str, Any], deadline: Deadline) -> Self:
        """Return the request in API Gateway's *event*; it must be answered before *deadline*.

        Raise ForeignEventError if the event is not one of a request.
        """
        try:
            http = event["requestContext"]["http"]
            headers = event.get("headers") or {}
            return cls(
                route=event["routeKey"],
                method=http["method"],
                path=event["rawPath"],
                parameters=event.get("pathParameters") or {},
                query=event.get("queryStringParameters") or {},
                headers={name.lower(): str(value) for name, value in headers.items()},
                source_ip=http["sourceIp"],
                text=event.get("body") or "",
                is_base64=event.get("isBase64Encoded", False),
                deadline=deadline,
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ForeignEventError(
                "This function takes the events of an HTTP API, payload format 2.0"
                f" (events/validator has samples); here {error!r} was met."
            ) from error

    def media_type(self, *, many: bool = False) -> str:
        """Return `application/json`, or NDJSON for *many*; refuse every other type and charset."""
        essence, *parameters = self.headers.get("content-type", "application/json").split(";")
        essence = essence.strip().lower()
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip(' "').lower() not in _UTF8_NAMES:
                raise unsupported("The charset must be UTF-8.")
        if essence.startswith(CLOUDEVENTS) and (many or essence != f"{CLOUDEVENTS}+json"):
            raise unsupported(f"CloudEvents are taken one by one: binary or as {CLOUDEVENTS}+json.")
        if many and essence in _NDJSON_NAMES:
            return NDJSON
        if essence == "application/json" or (
            essence.startswith("application/") and essence.endswith("+json")
        ):
            return "application/json"
        raise unsupported("Send Content-Type: application/json (and NDJSON only in batches).")

    def may_hold_token(self) -> bool:
        """Return whether the body is read for a token: neither compressed nor long."""
        is_plain = self._encoding() == "identity" and len(self.text) <= 2 * MAX_TOKEN_BODY_BYTES
        return is_plain and len(self._raw()) <= MAX_TOKEN_BODY_BYTES

    def signed_bytes(self) -> bytes:
        """Return a webhook's body as it was sent; refuse what is not to be hashed."""
        self.media_type()
        if self._encoding() != "identity":
            raise unsupported("Send webhooks without Content-Encoding, as they were signed.")
        raw = self._raw()
        if len(raw) > MAX_BYTES:
            raise ProblemError(Kind.TOO_LARGE, f"A webhook may have {MAX_BYTES} bytes.")
        return raw

    def body(self) -> bytes:
        """Return the body's bytes: base64 and gzip undone, a UTF-8 byte order mark left out."""
        raw = self._raw()
        # API Gateway replaces bytes that are not UTF-8 with U+FFFD, which changes the length;
        # comparing it with Content-Length shows that.
        sent_bytes = self.headers.get("content-length", str(len(raw)))
        if not self.is_base64 and _REPLACED in self.text and sent_bytes != str(len(raw)):
            raise ProblemError(Kind.NOT_JSON, "The body is not UTF-8.")
        encoding = self._encoding()
        if encoding == "gzip":
            raw = _inflated(raw)
        elif encoding != "identity":
            raise unsupported("The body may be compressed with gzip only.")
        if len(raw) > MAX_BODY_BYTES:
            detail = f"A body may have {MAX_BODY_BYTES} bytes, inflated."
            raise ProblemError(Kind.TOO_LARGE, detail)
        return raw.removeprefix(BOM)

    def _encoding(self) -> str:
        return self.headers.get("content-encoding", "identity").strip().lower()

    def _raw(self) -> bytes:
        if not self.is_base64:
            # A lone surrogate becomes bytes that are not UTF-8, which the JSON parser refuses.
            return self.text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProblemError(Kind.NOT_JSON, "The body's base64 is broken.") from error


def _inflated(raw: bytes) -> bytes:
    """Return what *raw* holds, cut after the first byte that a body may not have."""
    inflate = zlib.decompressobj(_GZIP_FORMAT)
    try:
        inflated = inflate.decompress(raw, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise ProblemError(Kind.NOT_JSON, "The body's gzip is broken.") from error
    is_whole = inflate.eof and not inflate.unused_data
    if len(inflated) <= MAX_BODY_BYTES and not is_whole:
        raise ProblemError(Kind.NOT_JSON, "The body's gzip is broken.")
    return inflated


def unsupported(detail: str) -> ProblemError:
    """Return the problem of a body in a form that is not taken, with the forms that are."""
    return ProblemError(
        Kind.UNSUPPORTED_MEDIA_TYPE,
        detail,
        headers={"accept": f"application/json, {NDJSON}", "accept-encoding": "gzip"},
    )
