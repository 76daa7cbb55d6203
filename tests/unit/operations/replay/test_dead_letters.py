"""Dead letters are looked at once each, however long a run takes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from operations.replay.candidate import Selection
from operations.replay.dead_letters import dead_letters, waiting

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead"
OLD = datetime(2026, 1, 1, tzinfo=UTC)
NEW = datetime(2026, 1, 15, tzinfo=UTC)


@dataclass
class FakeSqs:
    """A queue whose messages are hidden for as long as the clock says."""

    now: float = 0.0
    visible_at: dict[str, float] = field(default_factory=dict)
    sent_at: dict[str, datetime] = field(default_factory=dict)
    received_twice: int = 0
    _seen: set[str] = field(default_factory=set)

    def receive_message(self, **request: Any) -> dict[str, Any]:
        """Hand out ten visible messages."""
        found = [name for name, at in self.visible_at.items() if at <= self.now][:10]
        self.received_twice += len(self._seen.intersection(found))
        self._seen.update(found)
        for name in found:
            self.visible_at[name] = self.now + request["VisibilityTimeout"]
        return {"Messages": [self._message(name) for name in found]}

    def change_message_visibility(self, **request: Any) -> None:
        """Hide one message for longer, or no more."""
        self.visible_at[request["ReceiptHandle"]] = self.now + request["VisibilityTimeout"]

    def change_message_visibility_batch(self, **request: Any) -> None:
        """Do so for ten at most."""
        assert len(request["Entries"]) <= 10
        for entry in request["Entries"]:
            self.change_message_visibility(**entry)

    def delete_message(self, **request: Any) -> None:
        """Forget one message."""
        del self.visible_at[request["ReceiptHandle"]]

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        """Count the messages by whether they are hidden."""
        hidden = sum(at > self.now for at in self.visible_at.values())
        counts = [len(self.visible_at) - hidden, hidden, 0]
        return {"Attributes": dict(zip(request["AttributeNames"], map(str, counts), strict=True))}

    def _message(self, name: str) -> dict[str, Any]:
        sent = str(int(self.sent_at[name].timestamp() * 1000))
        return {
            "MessageId": name,
            "ReceiptHandle": name,
            "Body": "{}",
            "Attributes": {"SentTimestamp": sent},
        }


def buried(old: int, new: int) -> FakeSqs:
    """Return a queue with so many dead letters, old ones and new ones mixed."""
    sqs = FakeSqs()
    for number in range(old + new):
        name = f"letter-{number}"
        sqs.visible_at[name] = 0.0
        sqs.sent_at[name] = OLD if number % ((old + new) // old) == 0 else NEW
    return sqs


def test_a_run_with_a_filter_that_lasts_longer_than_letters_are_hidden_sees_each_once() -> None:
    """Letters that came back unwanted once ended a run of five minutes before all were seen."""
    sqs = buried(old=20, new=100)
    looked_at: set[str] = set()
    put_back = 0

    for letter in dead_letters(
        sqs,  # type: ignore[arg-type]
        URL,
        Selection(since=NEW),
        looked_at,
        clock=lambda: sqs.now,
    ):
        sqs.now += 20  # a run of more than half an hour
        letter.discard()
        put_back += 1

    assert put_back == 100
    assert len(looked_at) == 120
    assert len(sqs.visible_at) == 20
    assert all(at <= sqs.now for at in sqs.visible_at.values())  # shown again


def test_hidden_letters_are_counted_too() -> None:
    """They are what a run cannot see, and must not call done."""
    sqs = buried(old=1, new=9)
    sqs.receive_message(VisibilityTimeout=300)

    assert waiting(sqs, URL) == 10  # type: ignore[arg-type]
