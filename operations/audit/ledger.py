"""The comparison: what was accepted, where it was found, and what that means."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Accepted(NamedTuple):
    """Who sent a message, and under which contract."""

    client: str
    contract: str


def ids_in(text: str) -> list[str]:
    """Return every message id in *text*, such as a key or a line of the log."""
    return _ID.findall(text)


def received_at(message_id: str) -> datetime:
    """Return when the message was accepted: a UUIDv7 begins with that millisecond."""
    return datetime.fromtimestamp(int(message_id.replace("-", "")[:12], 16) / 1000, UTC)


@dataclass
class Ledger:
    """Every message that the log names, and every place where one was found."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    objects: Counter[str] = field(default_factory=Counter)  # in layout message, by id
    keys: dict[str, list[str]] = field(default_factory=dict)  # of ids with more than one object
    lines: Counter[str] = field(default_factory=Counter)  # in layout batch, by id
    places: dict[str, set[str]] = field(default_factory=dict)  # queues and quarantine

    def stored(self, key: str, seen: dict[str, str]) -> None:
        """Count the object *key* of layout `message`; *seen* keeps the first key of each id."""
        for message_id in ids_in(key.rpartition("/")[2])[:1]:
            self.objects[message_id] += 1
            first = seen.setdefault(message_id, key)
            if first != key:
                self.keys.setdefault(message_id, [first]).append(key)

    def found(self, place: str, ids: Iterable[str]) -> None:
        """Note that *ids* are at *place*."""
        self.places.setdefault(place, set()).update(ids)

    @property
    def not_stored(self) -> set[str]:
        """Return the accepted messages that are in no object."""
        return {each for each in self.accepted if not self.objects[each] and not self.lines[each]}

    @property
    def missing(self) -> set[str]:
        """Return the accepted messages that are nowhere at all."""
        return self.not_stored.difference(*self.places.values())

    def twice(self, since: datetime, until: datetime) -> dict[str, list[str]]:
        """Return the keys of each message of the window with more objects than one."""
        return {
            each: keys
            for each, keys in sorted(self.keys.items())
            if each in self.accepted or since <= received_at(each) < until
        }

    @property
    def repeated(self) -> int:
        """Return how many accepted messages have more than one line in layout `batch`."""
        return sum(count > 1 for each, count in self.lines.items() if each in self.accepted)

    def unpromised(self, since: datetime, until: datetime) -> int:
        """Return how many stored messages of the window the log does not name."""
        others = (self.objects.keys() | self.lines.keys()) - self.accepted.keys()
        return sum(since <= received_at(each) < until for each in others)
