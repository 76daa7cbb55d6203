"""Where a message is stored, found by its key alone: the validator may list objects, not read."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .aws import AWS_ERRORS, in_time
from .intake.message_id import is_message_id, received_at_of, time_ms_of, timestamp
from .problems import RETRY_AFTER_SECONDS, Kind, ProblemError, unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_OLD_MS = 3_600_000


@dataclass(eq=False, repr=False)
class Receipts:
    """The receipts of the messages in one bucket."""

    s3: "S3Client"
    bucket_name: str
    threads: Executor
    layout_of: Callable[[str], str]
    time_ms: Callable[[], int]

    def find(
        self, contract: str, message_id: str, allows_call: Callable[[], bool]
    ) -> dict[str, Any]:
        """Return the receipt of a stored message; raise the problem that fits in any other case.

        A message may have an object of its own whatever the contract's layout is now. No request
        starts unless *allows_call* says that there is time.
        """
        if not is_message_id(message_id):
            raise ProblemError(Kind.NOT_STORED, "This is no message_id that a receipt has named.")
        key = object_key(contract, message_id)
        stored = self._first(key, allows_call)
        if stored and stored["key"] == key:
            return {
                "message_id": message_id,
                "contract": contract,
                "status": "stored",
                "received_at": timestamp(received_at_of(message_id)),
                **stored,
            }
        # Senders ask for new messages again and again: only an older one is worth more requests.
        is_old = self.time_ms() - time_ms_of(message_id) >= _OLD_MS
        folders = (f"contract={contract}/", "")  # Weir 0.1.0 had no level for the contract
        batches = [f"batches/{folder}{_hour(message_id)}/" for folder in folders if is_old]
        if self.layout_of(contract) == "batch" or any(
            self._first(prefix, allows_call) for prefix in batches
        ):
            raise ProblemError(
                Kind.NOT_TRACEABLE,
                "Messages of this contract are or were stored many to an object (layout batch), so"
                " whether this one is stored cannot be told from its id.",
            )
        raise ProblemError(
            Kind.NOT_STORED,
            "The message is not stored yet, was never accepted under this contract,"
            " or has been deleted since.",
            headers={"retry-after": RETRY_AFTER_SECONDS},
        )

    def _first(self, prefix: str, allows_call: Callable[[], bool]) -> dict[str, Any] | None:
        """Return the first object whose key begins with *prefix*."""
        if not allows_call():
            raise unavailable("There was no time left to ask the store.")
        try:
            query: Any = {"Bucket": self.bucket_name, "Prefix": prefix, "MaxKeys": 1}
            answer = in_time(self.threads, self.s3.list_objects_v2, **query)
            for found in answer.get("Contents", ()):
                stored_at = timestamp(found["LastModified"])
                return {"key": found["Key"], "size_bytes": found["Size"], "stored_at": stored_at}
        except (*AWS_ERRORS, KeyError) as error:
            raise unavailable("The store cannot be asked now.") from error
        return None


def object_key(contract: str, message_id: str) -> str:
    """Return the S3 key under which the uploader stores the message."""
    moment = received_at_of(message_id)
    time = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
    return f"messages/contract={contract}/{_hour(message_id)}/{time}_{message_id}.json"


def _hour(message_id: str) -> str:
    moment = received_at_of(message_id)
    return f"dt={moment:%Y-%m-%d}/hour={moment:%H}"
