"""The clients, cached: who is calling, without reading SSM at every request."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from .entry import Client, Token, digest_of

# API Gateway keeps the authorizer's answer a minute longer, so a deleted token ends within five.
TIME_TO_LIVE_SECONDS = 240.0
# While SSM cannot be read, known clients are served for this long: a deleted token ends with it.
OLDEST_SECONDS = 24 * 3600.0
# An unknown token may be new: read SSM again for one. Each read doubles the pause before the next,
# so that a flood of guesses does not use up SSM's quota; a minute without a guess ends that.
REREAD_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
# Until clients have been read once, no request can be served: retry sooner.
FIRST_READ_PAUSE_SECONDS = 2.0
# Count a token as expiring for this long before it expires.
NOTICE_SECONDS = 14 * 24 * 3600.0


class TokensUnreadableError(Exception):
    """The tokens could not be read, so nobody can tell who is calling."""


class Identity(NamedTuple):
    """A client, and the token that it showed."""

    client: Client
    token: Token
    is_expired: bool


@dataclass(eq=False, repr=False)
class TokenStore:
    """The clients' tokens, cached; if they cannot be read again, the cached ones stay in use.

    *read* returns None for a client whose entry is broken. *count* takes a metric's name and value.
    """

    read: Callable[[], Mapping[str, Client | None]]
    clock: Callable[[], float]
    warn: Callable[..., object]
    count: Callable[[str, int], object] = lambda *_: None

    def __post_init__(self) -> None:
        self._clients: list[Client] | None = None
        self._read_at = 0.0
        self._tried_at = 0.0
        self._missed_at = 0.0
        self._pause = FIRST_READ_PAUSE_SECONDS / 2
        self._unreadable = 0
        self._reported_at = 0.0

    def identify(self, token: str) -> Identity | None:
        """Return whose token this is, or None if it is nobody's."""
        digest = digest_of(token)
        return self.find(lambda client: _token_of(client, digest))

    def find(self, shown: Callable[[Client], Token | None]) -> Identity | None:
        """Return the client of which *shown* returns a token, or None if there is none.

        Raise TokensUnreadableError while nothing was read for a day, or ever.
        """
        if self._age() >= TIME_TO_LIVE_SECONDS and self._may_read():
            self._refresh()
        if self._age() >= OLDEST_SECONDS:
            raise TokensUnreadableError
        found = self._match(shown) or self._match_again(shown)
        if self._reported_at != self._read_at:  # here, as reading ahead belongs to no request
            self._report()
        return found

    def read_ahead(self) -> None:
        """Read the clients before they are needed; a failure counts as nothing tried."""
        started = self.clock()
        with suppress(TokensUnreadableError):
            read = self.read()
            if self._clients is None:  # a request may have been faster
                self._keep(read, started)
                self._tried_at = self.clock()

    def _match_again(self, shown: Callable[[Client], Token | None]) -> Identity | None:
        if self.clock() - self._missed_at >= LONGEST_PAUSE_SECONDS:
            self._pause = REREAD_PAUSE_SECONDS
        self._missed_at = self.clock()
        if not self._may_read():
            return None
        self._refresh()
        return self._match(shown)

    def _age(self) -> float:
        return OLDEST_SECONDS if self._clients is None else self.clock() - self._read_at

    def _may_read(self) -> bool:
        return self.clock() - self._tried_at >= self._pause

    def _refresh(self) -> None:
        started = self.clock()
        try:
            read = self.read()
        except TokensUnreadableError:
            self.count("ClientsUnreadable", max(1, len(self._clients or ())))
            if self._clients is not None:
                self.warn("tokens not read again", age_seconds=round(self._age()))
            return
        finally:
            self._tried_at = self.clock()  # from the end: no second read right after a slow one
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        self._keep(read, started)

    def _keep(self, read: Mapping[str, Client | None], read_at: float) -> None:
        self._read_at = read_at
        self._unreadable = sum(client is None for client in read.values())
        self._clients = [client for client in read.values() if client is not None]

    def _report(self) -> None:
        self._reported_at = self._read_at
        expiries = [
            token.expires_at - self._read_at
            for client in self._clients or ()
            for token in client.tokens
            if not client.is_suspended
        ]
        self.count("ClientsUnreadable", self._unreadable)
        self.count("TokensExpiring", sum(0 < left < NOTICE_SECONDS for left in expiries))

    def _match(self, shown: Callable[[Client], Token | None]) -> Identity | None:
        found = None
        for client in self._clients or ():  # all of them: the time reveals nothing of a token
            if token := shown(client):
                found = Identity(client, token, token.expires_at <= self.clock())
        return found


def _token_of(client: Client, digest: bytes) -> Token | None:
    known = [each for each in client.tokens if hmac.compare_digest(digest, each.digest)]
    return known[0] if known else None
