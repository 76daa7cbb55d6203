"""When a delivery that failed comes back."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .delivery import Delivery
from .faults import retry_delay
from .transport import NO_ANSWER

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LARGEST_BATCH = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/


class Visibility:
    """The visibility timeouts of one queue's messages."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def push_back(self, deliveries: Sequence[Delivery]) -> int:
        """Let at most ten *deliveries* come back later the more often they came; count the moved.

        One that cannot be moved is no loss: the queue's own visibility timeout applies to it.
        """
        try:
            answer = self._client.change_message_visibility_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {
                        "Id": str(index),
                        "ReceiptHandle": delivery.receipt_handle,
                        "VisibilityTimeout": retry_delay(delivery.receive_count, random.uniform),
                    }
                    for index, delivery in enumerate(deliveries)
                ],
            )
        except (ClientError, *NO_ANSWER):
            return 0
        return len(answer["Successful"])
