"""Who is calling: the token in the header, in the body, or the same one in both."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from ..problems import Kind, ProblemError, unavailable
from .store import TokensUnreadableError

ClientOf = Callable[[str], str | None]

_CHALLENGE = 'Bearer realm="weir"'


@dataclass(frozen=True, slots=True, repr=False)  # it holds a token
class Caller:
    """Who is calling, in two steps: by the header, before a body is read, then by the body.

    *token* is empty and *client* is None where there is no Authorization header.
    """

    token: str
    client: str | None
    client_of: ClientOf

    @classmethod
    def by_header(cls, header: str | None, client_of: ClientOf) -> Self:
        """Return the caller by an Authorization *header*; refuse a header that names no client."""
        token = bearer_token(header)
        client = None if token is None else _known_client(token, client_of)
        return cls(token or "", client, client_of)

    def confirmed(self, body_token: str | None = None) -> str:
        """Return the client; refuse a request without a token, or with two that differ."""
        if self.client is None:
            if body_token is None:
                raise _missing()
            return _known_client(body_token, self.client_of)
        if body_token is not None and not hmac.compare_digest(_raw(self.token), _raw(body_token)):
            raise _refused("The tokens in the header and in the body differ.")
        return self.client


def bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization *header*; None where there is no header."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused("Send the header as Authorization: Bearer <token>.")
    return token.strip()


def _known_client(token: str, client_of: ClientOf) -> str:
    try:
        client = client_of(token) if token else None
    except TokensUnreadableError as error:
        raise unavailable("The tokens cannot be read now, so yours cannot be checked.") from error
    if client is None:
        raise _refused("No client has this token.")
    return client


def _raw(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")


def _missing() -> ProblemError:
    detail = "Send the token as Authorization: Bearer <token>, or as token in the body."
    return ProblemError(Kind.MISSING_TOKEN, detail, {"www-authenticate": _CHALLENGE})


def _refused(detail: str) -> ProblemError:
    challenge = f'{_CHALLENGE}, error="invalid_token"'
    return ProblemError(Kind.INVALID_TOKEN, detail, {"www-authenticate": challenge})
