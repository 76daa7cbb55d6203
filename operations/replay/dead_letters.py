"""The messages in the dead-letter queue."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .candidate import Candidate, Outgoing, Selection

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REASON = "retries-used-up"

# While a message is looked at nobody else sees it; it is shown again at the end, or after this.
_HIDDEN_SECONDS = 300


def dead_letters(sqs: "SQSClient", queue_url: str, selection: Selection) -> Generator[Candidate]:
    """Yield what *selection* wants of the queue; close the iterator to show the rest again."""
    held: dict[str, str] = {}
    try:
        while messages := sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages"):
            seen = [message["MessageId"] in held for message in messages]
            held.update((message["MessageId"], message["ReceiptHandle"]) for message in messages)
            for message in messages:
                candidate = _candidate(sqs, queue_url, message, held)
                if selection.wants(candidate.reason, candidate.sent_at):
                    yield candidate
            if all(seen):
                break
    finally:
        for handle in held.values():
            sqs.change_message_visibility(
                QueueUrl=queue_url, ReceiptHandle=handle, VisibilityTimeout=0
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
