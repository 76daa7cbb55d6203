"""A message that could be put back, and which of them are wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# SQS's own form: name to {"DataType", "StringValue" or "BinaryValue"}.
Attributes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What SQS is given: all that came with the message the first time."""

    body: str
    attributes: Attributes
    group: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message at the place where it was left.

    *load* fetches what is to be sent, *discard* removes the message from its place.
    """

    reason: str
    sent_at: datetime
    load: Callable[[], Outgoing]
    discard: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; an empty *reasons* means every reason."""

    reasons: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def wants(self, reason: str, sent_at: datetime) -> bool:
        """Return whether a message left for *reason*, first sent at *sent_at*, is meant."""
        return (
            (not self.reasons or reason in self.reasons)
            and (self.since is None or sent_at >= self.since)
            and (self.until is None or sent_at < self.until)
        )
