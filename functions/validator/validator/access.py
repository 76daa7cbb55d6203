"""Who is calling: the token in the header, in the body, or the same one in both."""

import hmac
from collections.abc import Callable
from typing import Any

from .problems import Kind, ProblemError, unavailable
from .tokens import TokensUnreadableError

ClientOf = Callable[[str], str | None]


def bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization *header*; None where there is no header."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused("Send the header as Authorization: Bearer <token>.")
    return token.strip()


def client_by_header(header: str | None, client_of: ClientOf) -> str:
    """Return the client whose token is in the Authorization *header*."""
    token = bearer_token(header)
    if token is None:
        raise missing_token()
    return known_client(token, client_of)


def known_client(token: Any, client_of: ClientOf) -> str:
    """Return the client whose *token* this is."""
    try:
        client = client_of(token) if isinstance(token, str) else None
    except TokensUnreadableError as error:
        raise unavailable("The tokens cannot be read now, so yours cannot be checked.") from error
    if client is None:
        raise _refused("No client has this token.")
    return client


def require_same(header_token: str, body_token: Any) -> None:
    """Refuse a request whose two tokens differ."""
    if not isinstance(body_token, str) or not hmac.compare_digest(
        header_token.encode("utf-8", "surrogatepass"), body_token.encode("utf-8", "surrogatepass")
    ):
        raise _refused("The tokens in the header and in the body differ.")


def missing_token() -> ProblemError:
    """Make the problem of a request without a token."""
    return ProblemError(
        Kind.MISSING_TOKEN,
        "Send the token as Authorization: Bearer <token>, or as token in the body.",
        headers={"www-authenticate": 'Bearer realm="weir"'},
    )


def _refused(detail: str) -> ProblemError:
    return ProblemError(
        Kind.INVALID_TOKEN,
        detail,
        headers={"www-authenticate": 'Bearer realm="weir", error="invalid_token"'},
    )
