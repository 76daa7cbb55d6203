"""Makes records that failed wait until they are retried."""

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from .aws import NO_ANSWER, call
from .failures import LONGEST_DELAY_SECONDS, retry_delay
from .record import Record

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LARGEST_BATCH = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/


class Visibility:
    """The visibility timeouts of one queue's messages."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def push_back(self, records: Sequence[Record]) -> int:
        """Hide at most ten *records*, longer the more often each was received; count the moved."""
        return self._hide(records, lambda record: retry_delay(record.receive_count, random.uniform))

    def scatter(self, records: Sequence[Record], seconds: float) -> int:
        """Hide at most ten *records* for *seconds* and a random time more; count the moved.

        If the attempt that follows kills the function, they come back one by one, so that the
        record that does it finds others beside it once or twice, not every time.
        """
        longest = seconds + LONGEST_DELAY_SECONDS
        return self._hide(records, lambda _: round(random.uniform(seconds, longest)))  # noqa: S311

    def _hide(self, records: Sequence[Record], seconds_of: Callable[[Record], int]) -> int:
        """Hide *records*; one that cannot be moved keeps the queue's own visibility timeout."""
        entries: Any = [
            {
                "Id": str(index),
                "ReceiptHandle": record.receipt_handle,
                "VisibilityTimeout": seconds_of(record),
            }
            for index, record in enumerate(records)
        ]
        change = self._client.change_message_visibility_batch
        try:
            answer = call(change, QueueUrl=self._queue_url, Entries=entries)
        except (ClientError, *NO_ANSWER):
            return 0
        return len(answer["Successful"])
