"""Client entries: what SSM holds about a client, as JSON or, as in 0.1.0, as a plain token.

docs/security.md names the members. One that is not known breaks the entry: a misspelled limit would
otherwise be no limit.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import NamedTuple

from .signature import UNSIGNED, Headers, Signing

RIGHTS = frozenset({"send", "look-up", "metrics"})
EVERY_CONTRACT = frozenset({"*"})
_MAX_TOKENS = 2
_DIGEST_BYTES = 32
_UNLESS_GIVEN = {"signing": {}, "keyed_events": False}
# Weir plays these clients itself, so it has to read their tokens back.
_PLAYED_BY_WEIR = {"smoke", "canary"}
CANARY = "canary"  # a contract, and the one client that may send it


class BrokenEntryError(Exception):
    """The entry cannot be used, so its client is locked out."""


class Token(NamedTuple):
    """One token of a client: its SHA-256, and its expiry in Unix seconds."""

    digest: bytes
    expires_at: float

    @property
    def hash(self) -> str:
        """The first characters of the SHA-256, which name the token in logs."""
        return self.digest.hex()[:8]


@dataclass(frozen=True, slots=True)
class Client:
    """A sender, its tokens and what it may do."""

    name: str
    tokens: tuple[Token, ...]
    contracts: frozenset[str] = EVERY_CONTRACT
    rights: frozenset[str] = RIGHTS
    is_suspended: bool = False
    signing: Signing = UNSIGNED
    has_keyed_events: bool = False

    def may(self, right: str, contract: str | None) -> bool:
        """Return whether the client has *right*, for *contract* if the right needs one."""
        if contract == CANARY != self.name:
            return False
        fits = contract is None or not self.contracts.isdisjoint({contract, *EVERY_CONTRACT})
        return fits and right in self.rights

    def secret_of(self, headers: Headers, body: bytes, now: float) -> Token | None:
        """Return the secret that signed *body* not long before *now*, as a token."""
        secret = self.signing.secret_of(headers, body, now)
        return Token(digest_of(secret), inf) if secret else None


def client_of(name: str, value: str) -> Client:
    """Return the client *name* whose parameter holds *value*; raise BrokenEntryError."""
    if not value.lstrip().startswith("{"):
        return Client(name, (Token(digest_of(value), inf),))
    try:
        match _UNLESS_GIVEN | json.loads(value):
            case {
                "tokens": list(tokens),
                "contracts": list(contracts),
                "rights": list(rights),
                "suspended": bool(is_suspended),
                "signing": dict(signing),
                "keyed_events": bool(has_keyed_events),
                **others,
            } if len(tokens) <= _MAX_TOKENS and RIGHTS.issuperset(rights) and not others:
                known = tuple(_token(name, **token) for token in tokens)
                if all(isinstance(contract, str) for contract in contracts):
                    names = frozenset(contracts), frozenset(rights)
                    how = Signing.from_entry(**signing) if signing else UNSIGNED
                    return Client(name, known, *names, is_suspended, how, has_keyed_events)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise BrokenEntryError from error
    raise BrokenEntryError


def digest_of(token: str) -> bytes:
    """Return the SHA-256 of *token*."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _token(client: str, *, expires_at: str | None, sha256: str = "", token: str = "") -> Token:
    expiry = inf if expires_at is None else datetime.fromisoformat(expires_at).timestamp()
    if token and client in _PLAYED_BY_WEIR and not sha256:
        return Token(digest_of(token), expiry)
    digest = bytes.fromhex(sha256)
    if token or len(digest) != _DIGEST_BYTES:
        raise BrokenEntryError
    return Token(digest, expiry)
