"""One SQS message as Lambda hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from .faults import ForeignEventError


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """A message on its way, delivered for the *receive_count*-th time."""

    sqs_id: str
    receipt_handle: str
    receive_count: int
    sent_at: datetime
    group: str | None
    attributes: Mapping[str, Mapping[str, Any]]
    body: str

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read one record of an SQS event.

        https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        """
        system = record["attributes"]
        return cls(
            sqs_id=record["messageId"],
            receipt_handle=record["receiptHandle"],
            receive_count=int(system["ApproximateReceiveCount"]),
            sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
            group=system.get("MessageGroupId"),
            attributes=record["messageAttributes"],
            body=record["body"],
        )

    def attribute(self, name: str) -> str:
        """Return the text of the message attribute *name*, empty if it has none."""
        return self.attributes.get(name, {}).get("stringValue") or ""


def read_deliveries(event: Mapping[str, Any]) -> list[Delivery]:
    """Return every record of *event*; raise ForeignEventError if SQS did not send it."""
    try:
        records = event["Records"]
        if any(record["eventSource"] != "aws:sqs" for record in records):
            raise ForeignEventError
        return [Delivery.from_record(record) for record in records]
    except (KeyError, TypeError, ValueError) as error:
        raise ForeignEventError from error
