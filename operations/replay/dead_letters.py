"""The messages in the dead-letter queue."""

import time
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from .candidate import Candidate, Outgoing, Selection

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REASON = "retries-used-up"

# While a message is looked at nobody else sees it; it is shown again at the end, or after this if
# the run was killed. A run that lasts longer renews what it holds.
_HIDDEN_SECONDS = 300
_RENEWED_SECONDS = 100


def waiting(sqs: "SQSClient", queue_url: str) -> int:
    """Return how many messages the queue has, about; hidden ones included."""
    names: Any = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    return sum(int(answer["Attributes"].get(name, 0)) for name in names)


def dead_letters(
    sqs: "SQSClient",
    queue_url: str,
    selection: Selection,
    looked_at: set[str],
    clock: Callable[[], float] = time.monotonic,
) -> Generator[Candidate]:
    """Yield what *selection* wants of the queue; close the iterator to show the rest again.

    Add the id of every message that was received to *looked_at*, wanted or not.
    """
    held: dict[str, str] = {}
    renewed = clock()
    try:
        while messages := sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages"):
            seen = [message["MessageId"] in looked_at for message in messages]
            held.update((message["MessageId"], message["ReceiptHandle"]) for message in messages)
            looked_at.update(held)
            for message in messages:
                candidate = _candidate(sqs, queue_url, message, held)
                if selection.wants(candidate.reason, candidate.sent_at):
                    yield candidate
                if clock() - renewed > _RENEWED_SECONDS:
                    _renew(sqs, queue_url, held.values())
                    renewed = clock()
            if all(seen):
                break
    finally:
        for handle in held.values():
            sqs.change_message_visibility(
                QueueUrl=queue_url, ReceiptHandle=handle, VisibilityTimeout=0
            )


def _renew(sqs: "SQSClient", queue_url: str, handles: Iterable[str]) -> None:
    for some in batched(handles, 10, strict=False):
        sqs.change_message_visibility_batch(
            QueueUrl=queue_url,
            Entries=[
                {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": _HIDDEN_SECONDS}
                for index, handle in enumerate(some)
            ],
        )


def _candidate(
    sqs: "SQSClient", queue_url: str, message: "MessageTypeDef", held: dict[str, str]
) -> Candidate:
    system = message["Attributes"]
    attributes = {
        name: {part: value for part, value in attribute.items() if not part.endswith("ListValues")}
        for name, attribute in message.get("MessageAttributes", {}).items()
    }
    outgoing = Outgoing(message["Body"], attributes, system.get("MessageGroupId"))

    def discard() -> None:
        sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        del held[message["MessageId"]]

    return Candidate(
        reason=REASON,
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        load=lambda: outgoing,
        discard=discard,
    )
