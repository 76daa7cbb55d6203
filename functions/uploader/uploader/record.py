"""A record: one SQS message as Lambda hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from .failures import ForeignEventError


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One SQS message, received for the *receive_count*-th time."""

    sqs_id: str
    receipt_handle: str
    receive_count: int
    sent_at: datetime
    group: str | None
    attributes: Mapping[str, Mapping[str, Any]]
    body: str

    @classmethod
    def from_event(cls, entry: Mapping[str, Any]) -> Self:
        """Read one entry of an SQS event's `Records`.

        https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        """
        system = entry["attributes"]
        return cls(
            sqs_id=entry["messageId"],
            receipt_handle=entry["receiptHandle"],
            receive_count=int(system["ApproximateReceiveCount"]),
            sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
            group=system.get("MessageGroupId"),
            attributes=entry["messageAttributes"],
            body=entry["body"],
        )

    @property
    def is_canary(self) -> bool:
        """Whether the canary sent it: it counts in the canary's own metrics alone."""
        return self.attribute("client") == self.attribute("contract") == "canary"

    def attribute(self, name: str) -> str:
        """Return the text of the message attribute *name*, empty if it has none."""
        return self.attributes.get(name, {}).get("stringValue") or ""


def read_records(event: Mapping[str, Any]) -> list[Record]:
    """Return every record of *event*; raise ForeignEventError if SQS did not send it."""
    try:
        entries = event["Records"]
        if any(entry["eventSource"] != "aws:sqs" for entry in entries):
            raise ForeignEventError("not every record is from aws:sqs")
        return [Record.from_event(entry) for entry in entries]
    except (KeyError, TypeError, ValueError) as error:
        raise ForeignEventError(repr(error)) from error
