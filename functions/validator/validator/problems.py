"""Refusals as RFC 9457 problem details; docs/errors.md lists them for the sender."""

from enum import Enum
from typing import Any

RETRY_AFTER_SECONDS = "5"
CHALLENGE = 'Bearer realm="weir"'


class Kind(Enum):
    """Every problem that Weir answers with: HTTP status and title.

    Its *slug* stands in logs and in docs/errors.md; its *uri* is the same in every release.
    """

    NOT_JSON = 400, "The body is not JSON"
    AMBIGUOUS_JSON = 400, "The JSON means different things to different readers"
    INVALID_IDEMPOTENCY_KEY = 400, "The Idempotency-Key cannot be used"
    MISSING_TOKEN = 401, "A token is needed"
    INVALID_TOKEN = 401, "The token is not known"
    INVALID_SIGNATURE = 401, "The signature is not valid"
    EXPIRED_TOKEN = 401, "The token has expired"
    CLIENT_SUSPENDED = 403, "The client is suspended"
    NOT_ALLOWED = 403, "The client may not do this"
    NOT_FOUND = 404, "There is nothing here"
    UNKNOWN_CONTRACT = 404, "There is no such contract"
    NOT_STORED = 404, "The message is not stored"
    NOT_TRACEABLE = 404, "A single message cannot be looked up here"
    METHOD_NOT_ALLOWED = 405, "The method is not allowed here"
    IDEMPOTENCY_CONFLICT = 409, "The Idempotency-Key was used for another message"
    TOO_LARGE = 413, "The message is too large"
    UNSUPPORTED_MEDIA_TYPE = 415, "The body's media type is not supported"
    INVALID_MESSAGE = 422, "The message breaks its contract"
    UNAVAILABLE = 503, "The message could not be taken now"

    def __init__(self, status: int, title: str) -> None:
        self.status, self.title = status, title
        self.slug = self.name.lower().replace("_", "-")
        self.uri = f"urn:weir:problem:{self.slug}"


class ProblemError(Exception):
    """The request, or one item of it, is refused: the sender may read all that it holds.

    *client* is the sender's name for the log, where its token was known.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        headers: dict[str, str] | None = None,
        members: dict[str, Any] | None = None,
        client: str | None = None,
    ) -> None:
        super().__init__(kind.uri)
        self.kind = kind
        self.client = client
        self.headers = headers or {}
        self.document: dict[str, Any] = {
            "type": kind.uri,
            "title": kind.title,
            "status": kind.status,
            "detail": detail,
            **(members or {}),
        }


def unavailable(detail: str, members: dict[str, Any] | None = None) -> ProblemError:
    """Return the problem of a service that cannot be reached, with the time to wait."""
    return ProblemError(Kind.UNAVAILABLE, detail, {"retry-after": RETRY_AFTER_SECONDS}, members)


def missing_token(detail: str) -> ProblemError:
    """Return the problem of a request without a token, with where to put it."""
    return ProblemError(Kind.MISSING_TOKEN, detail, {"www-authenticate": CHALLENGE})
