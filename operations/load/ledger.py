"""The ledger of a load run: what was accepted, and what of it is stored."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Hands out the messages that are still to be sent, and keeps what became of them."""

    to_send: int
    sent: int = 0
    refused: int = 0
    accepted: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    def take(self, wanted: int) -> range:
        """Return the numbers of up to *wanted* messages to send; none when all are sent."""
        taken = range(self.sent, self.sent + min(wanted, self.to_send))
        self.to_send -= len(taken)
        self.sent += len(taken)
        return taken

    def enter(self, taken: range, accepted: Iterable[str], reason: str = "") -> None:
        """Keep the ids that were *accepted* of those *taken*; the rest is to be sent again.

        *reason* says why not all were accepted.
        """
        ids = set(accepted)
        refused = len(taken) - len(ids)
        self.accepted |= ids
        self.refused += refused
        self.to_send += refused
        if refused:
            self.reasons[reason] += refused

    def verdict(self, stored: Iterable[str]) -> "Verdict":
        """Compare what was accepted with the ids that are *stored*."""
        found = Counter(stored)
        return Verdict(
            accepted=len(self.accepted),
            missing=frozenset(self.accepted - found.keys()),
            twice=frozenset(name for name in self.accepted if found[name] > 1),
        )


@dataclass(frozen=True)
class Verdict:
    """What a run proved."""

    accepted: int
    missing: frozenset[str]
    twice: frozenset[str]

    @property
    def stored(self) -> int:
        """Return how many of the accepted messages are stored."""
        return self.accepted - len(self.missing)

    @property
    def good(self) -> bool:
        """Say whether something was accepted, and each of it is stored exactly once."""
        return bool(self.accepted) and not self.missing and not self.twice

    def __str__(self) -> str:
        """Return the sentence that a person reads at the end."""
        if self.good:
            return f"accepted {self.accepted} = stored {self.stored}: nothing was lost"
        return (
            f"accepted {self.accepted}, stored {self.stored}:"
            f" {len(self.missing)} missing, {len(self.twice)} stored twice"
        )
