"""What is written about a client: the entry that the validator reads, made by a person's wishes."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from validator.tokens.entry import CANARY, RIGHTS, BrokenEntryError, client_of

PLAYED_BY_WEIR = ("smoke", "canary")
SENDERS_RIGHTS = ["send", "look-up"]
LIFETIME_DAYS = 365
MAX_TOKENS = 2

__all__ = ["RIGHTS", "BrokenEntryError"]  # the validator's own words


@dataclass
class Entry:
    """One client's entry; each token as the JSON has it."""

    tokens: list[dict[str, Any]]
    contracts: list[str] = field(default_factory=lambda: ["*"])
    rights: list[str] = field(default_factory=lambda: sorted(RIGHTS))
    suspended: bool = False
    signing: dict[str, Any] = field(default_factory=dict)
    keyed_events: bool = False

    @classmethod
    def parse(cls, client: str, value: str) -> Self:
        """Return the entry that *value* is, or stands for; raise BrokenEntryError."""
        client_of(client, value)  # what the validator cannot read is broken
        if is_plain(value):
            return cls([token_of(client, value, None)])
        return cls(**json.loads(value))

    def text(self, client: str) -> str:
        """Return the JSON; raise BrokenEntryError rather than write what locks the client out."""
        members = asdict(self)
        for name in ("signing", "keyed_events"):  # a client without them keeps the shorter form
            if not members[name]:
                del members[name]
        text = json.dumps(members)
        client_of(client, text)
        return text

    @property
    def secrets(self) -> list[str]:
        """The secrets with which the client signs, the older one first."""
        found: list[str] = self.signing.get("secrets", [])
        return found

    def describe(self) -> str:
        """Return what the client may do, in words."""
        contracts = "every contract" if "*" in self.contracts else ", ".join(self.contracts)
        may = f"may {', '.join(self.rights) or 'do nothing'}; {contracts or 'no contract'}"
        may += f"; signs as {self.signing['scheme']} does" if self.signing else ""
        may += "; its CloudEvents are keyed" if self.keyed_events else ""
        return f"suspended ({may})" if self.suspended else may

    def gains_by_plain_form(self) -> list[str]:
        """Return what a plain token would add to what the client may do."""
        gains = sorted(RIGHTS - set(self.rights))
        gains += [] if "*" in self.contracts else ["every contract"]
        return gains + [
            f"no expiry of {hash_of(each)}" for each in self.tokens if each["expires_at"]
        ]


def defaults_of(client: str) -> tuple[list[str], list[str]]:
    """Return the contracts and the rights of a new *client* for which nothing else is asked."""
    if client == CANARY:  # exactly what the canary does
        return [CANARY], SENDERS_RIGHTS
    return ["*"], sorted(RIGHTS) if client in PLAYED_BY_WEIR else SENDERS_RIGHTS


def is_plain(value: str) -> bool:
    """Return whether *value* is a plain token, as in 0.1.0."""
    return not value.lstrip().startswith("{")


def digest_of(token: str) -> str:
    """Return the SHA-256 of *token* as an entry holds it."""
    return sha256(token.encode()).hexdigest()


def token_of(client: str, token: str, expires_at: datetime | None) -> dict[str, Any]:
    """Return *token* as an entry holds it: in plain only if Weir plays the *client* itself."""
    known = {"token": token} if client in PLAYED_BY_WEIR else {"sha256": digest_of(token)}
    return known | {"expires_at": expires_at.isoformat() if expires_at else None}


def sha256_of(token: dict[str, Any]) -> str:
    """Return the SHA-256 of an entry's *token*."""
    return digest_of(token["token"]) if "token" in token else str(token["sha256"])


def hash_of(token: dict[str, Any]) -> str:
    """Return the first characters of the SHA-256, which name the token in logs."""
    return sha256_of(token)[:8]


def is_expired(token: dict[str, Any], now: datetime) -> bool:
    """Return whether an entry's *token* is of no use any more."""
    if token["expires_at"] is None:
        return False
    expires_at = datetime.fromisoformat(token["expires_at"])
    return (expires_at if expires_at.tzinfo else expires_at.replace(tzinfo=UTC)) <= now


def expiry(client: str, days: str, now: datetime) -> datetime | None:
    """Return when a token made *now* expires: after *days*, or never."""
    if days == "never" or (not days and client in PLAYED_BY_WEIR):
        return None
    if days and not (days.isdecimal() and 0 < int(days) <= 36500):
        raise SystemExit("EXPIRES_IN_DAYS is a number of days above 0, or never.")
    return (now + timedelta(days=int(days or LIFETIME_DAYS))).replace(microsecond=0)
