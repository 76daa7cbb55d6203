"""Makes records that failed wait until they are retried."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectionClosedError

from .aws import NO_ANSWER
from .failures import retry_delay
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
        """Hide at most ten *records*, longer the more often each was received; count the moved.

        One that cannot be moved is not lost: the queue's own visibility timeout applies to it.
        """
        entries: Any = [
            {
                "Id": str(index),
                "ReceiptHandle": record.receipt_handle,
                "VisibilityTimeout": retry_delay(record.receive_count, random.uniform),
            }
            for index, record in enumerate(records)
        ]
        change = self._client.change_message_visibility_batch
        try:
            try:
                answer = change(QueueUrl=self._queue_url, Entries=entries)
            except ConnectionClosedError:
                # As in `bucket`: the connection may have been closed while the function was frozen.
                answer = change(QueueUrl=self._queue_url, Entries=entries)
        except (ClientError, *NO_ANSWER):
            return 0
        return len(answer["Successful"])
