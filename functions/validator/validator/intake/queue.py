"""The message queue: a message counts as queued once SQS has confirmed it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..aws import AWS_ERRORS, error_code
from ..deadline import Deadline
from .message import MAX_BYTES, Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_MAX_ENTRIES = 10  # of one SendMessageBatch
_PAUSES_SECONDS = (0.0, 0.05, 0.2)  # before each attempt at the entries that SQS did not take


class MessageQueue:
    """One SQS queue."""

    def __init__(
        self,
        sqs: "SQSClient",
        url: str,
        sleep: Callable[[float], object],
        warn: Callable[..., object],
    ) -> None:
        self._sqs = sqs
        self._url = url
        self._sleep = sleep
        self._warn = warn

    def send(self, messages: Sequence[Message], deadline: Deadline) -> set[str]:
        """Send *messages* and return the ids of those that SQS confirmed.

        Stop at the first call that fails altogether, and start none that could outlast *deadline*.
        A message that is not confirmed may be in the queue all the same.
        """
        confirmed: set[str] = set()
        for batch in _packed(messages):
            waiting = batch
            for pause in _PAUSES_SECONDS:
                if pause:  # even a sleep of nothing gives the CPU away
                    self._sleep(pause)
                if not deadline.allows_call():
                    self._warn("queue too slow")
                    return confirmed
                try:
                    taken = self._send_batch(waiting)
                except AWS_ERRORS as error:
                    self._warn("queue not reached", error_code=error_code(error))
                    return confirmed
                confirmed |= taken
                waiting = [message for message in waiting if message.message_id not in taken]
                if not waiting:
                    break
        return confirmed

    def connect(self) -> None:
        """Open the connection that the first message needs.

        SQS refuses a batch without entries, and asks for no further permission.
        """
        with suppress(*AWS_ERRORS):
            self._sqs.send_message_batch(QueueUrl=self._url, Entries=[])

    def _send_batch(self, messages: Sequence[Message]) -> set[str]:
        entries: Any = [message.entry(str(index)) for index, message in enumerate(messages)]
        answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
        for failed in answer.get("Failed", ()):
            self._warn("message not taken by queue", error_code=failed.get("Code"))
        taken = {entry.get("Id") for entry in answer.get("Successful", ())}
        return {message.message_id for index, message in enumerate(messages) if str(index) in taken}


def _packed(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield *messages* in batches that SQS takes, by number and by bytes."""
    batch: list[Message] = []
    batch_bytes = 0
    for message in messages:
        size_bytes = message.size_bytes()
        if batch and (len(batch) == _MAX_ENTRIES or batch_bytes + size_bytes > MAX_BYTES):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(message)
        batch_bytes += size_bytes
    if batch:
        yield batch
