"""The senders' tokens, cached: who is calling, without reading SSM at every request."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256

# API Gateway keeps the authorizer's answer a minute longer, so a deleted token ends within five.
TIME_TO_LIVE_SECONDS = 240.0
# An unknown token may be new: read SSM again for one, at most this often.
REREAD_PAUSE_SECONDS = 10.0
# Until tokens have been read once, no request can be served: retry soon, but not on every request.
FIRST_READ_PAUSE_SECONDS = 2.0


class TokensUnreadableError(Exception):
    """The tokens could not be read, so nobody can tell who is calling."""


class TokenStore:
    """The clients' tokens, cached; if they cannot be read again, the cached ones stay in use."""

    def __init__(
        self,
        read: Callable[[], Mapping[str, str]],
        clock: Callable[[], float],
        warn: Callable[..., object],
    ) -> None:
        self._read = read
        self._clock = clock
        self._warn = warn
        self._digests: dict[str, bytes] | None = None
        self._read_at = 0.0
        self._tried_at = 0.0

    def client_of(self, token: str) -> str | None:
        """Return the client whose token this is, or None.

        Raise TokensUnreadableError while no tokens have ever been read.
        """
        if self._digests is None and not self._may_retry(FIRST_READ_PAUSE_SECONDS):
            raise TokensUnreadableError
        if self._digests is None or self._is_due():
            self._refresh()
        client = self._match(token)
        if client is None and self._may_retry():
            self._refresh()
            client = self._match(token)
        return client

    def read_ahead(self) -> None:
        """Read the tokens before they are needed; a failure counts as nothing tried."""
        started = self._clock()
        with suppress(TokensUnreadableError):
            tokens = self._read()
            if self._digests is None:  # a request may have been faster
                self._keep(tokens, started)
                self._tried_at = self._clock()

    def _is_due(self) -> bool:
        return self._clock() - self._read_at >= TIME_TO_LIVE_SECONDS and self._may_retry()

    def _may_retry(self, pause: float = REREAD_PAUSE_SECONDS) -> bool:
        return self._clock() - self._tried_at >= pause

    def _refresh(self) -> None:
        started = self._clock()
        try:
            tokens = self._read()
        except TokensUnreadableError:
            if self._digests is None:
                raise
            self._warn("tokens not read again", age_seconds=round(self._clock() - self._read_at))
            return
        finally:
            self._tried_at = self._clock()  # from the end: no second read right after a slow one
        self._keep(tokens, started)

    def _keep(self, tokens: Mapping[str, str], read_at: float) -> None:
        self._read_at = read_at
        self._digests = {client: _digest(token) for client, token in tokens.items()}

    def _match(self, token: str) -> str | None:
        # Compare with every client, in constant time, so that the time reveals nothing of a token.
        digest = _digest(token)
        found = None
        for client, known in (self._digests or {}).items():
            if hmac.compare_digest(digest, known):
                found = client
        return found


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
