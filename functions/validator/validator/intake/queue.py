"""The message queue: a message counts as queued once SQS has confirmed it."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from ..aws import AWS_ERRORS, CALL_SECONDS, error_code
from ..deadline import Deadline
from .message import MAX_BYTES, Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_MAX_ENTRIES = 10  # of one SendMessageBatch
# Keeps a CPU busy while SQS takes 10 ms per call, below botocore's ten connections.
_CALLS_AT_ONCE = 8
_PAUSES_SECONDS = (0.0, 0.05, 0.2)  # before each attempt at the entries that SQS did not take


class Sent(NamedTuple):
    """Result of sending: the ids that SQS confirmed, and the number of which it did not say."""

    confirmed: set[str]
    unconfirmed: int


@dataclass(eq=False, repr=False)
class MessageQueue:
    """One SQS queue."""

    sqs: "SQSClient"
    url: str
    threads: Executor
    sleep: Callable[[float], object]
    warn: Callable[..., object]

    def send(self, messages: Sequence[Message], deadline: Deadline) -> Sent:
        """Send *messages* in several calls at once; return what SQS confirmed.

        Start no call after one that failed altogether, and none that could outlast *deadline*.
        A message that is not confirmed may be in the queue all the same.
        """
        waiting = [(pack, 0) for pack in _packed(messages)]
        # In another order each time: a batch that takes longer than one request may take gets
        # further whenever it is sent again.
        random.shuffle(waiting)
        under_way: dict[Future[set[str]], tuple[list[Message], int]] = {}
        confirmed: set[str] = set()
        unconfirmed = 0
        failed = False
        while True:
            while waiting and len(under_way) < _CALLS_AT_ONCE and not failed:
                if not deadline.allows_call():
                    self.warn("queue too slow")
                    failed = True
                    break
                pack, attempt = waiting.pop()
                under_way[self.threads.submit(self._send_batch, pack, attempt)] = pack, attempt
            if not under_way:
                return Sent(confirmed, unconfirmed)
            seconds = min(CALL_SECONDS, deadline.seconds_left())
            ended = list(under_way)
            if len(ended) > 1:  # a single one is waited for below, which costs less
                done, _ = wait(ended, seconds, FIRST_COMPLETED)
                ended, seconds = list(done) or ended, 0.0
            for future in ended:
                pack, attempt = under_way.pop(future)
                try:
                    taken = future.result(seconds)
                except AWS_ERRORS as error:
                    future.cancel()
                    self.warn("queue not reached", error_code=error_code(error))
                    unconfirmed += 0 if _is_refusal(error) else len(pack)
                    failed = True
                    continue
                confirmed |= taken
                rest = [message for message in pack if message.message_id not in taken]
                if rest and attempt + 1 < len(_PAUSES_SECONDS):
                    waiting.append((rest, attempt + 1))

    def connect(self) -> None:
        """Open the connection that the first message needs.

        SQS refuses a batch without entries, and asks for no further permission.
        """
        with suppress(*AWS_ERRORS):
            self.sqs.send_message_batch(QueueUrl=self.url, Entries=[])

    def _send_batch(self, messages: Sequence[Message], attempt: int) -> set[str]:
        if attempt:
            self.sleep(_PAUSES_SECONDS[attempt])
        entries: Any = [message.entry(str(index)) for index, message in enumerate(messages)]
        answer = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        for failed in answer.get("Failed", ()):
            self.warn("message not taken by queue", error_code=failed.get("Code"))
        taken = {entry.get("Id") for entry in answer.get("Successful", ())}
        return {message.message_id for index, message in enumerate(messages) if str(index) in taken}


def _is_refusal(error: Exception) -> bool:
    """Return whether SQS itself said that it took nothing."""
    if not isinstance(error, ClientError):
        return False
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500


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
