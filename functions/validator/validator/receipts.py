"""Where a message is stored, found by its key alone: the validator may list objects, not read."""

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from .aws import AWS_ERRORS, in_time
from .intake.message_id import is_message_id, received_at_of, timestamp
from .problems import RETRY_AFTER_SECONDS, Kind, ProblemError, unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Receipts:
    """The receipts of the messages in one bucket."""

    def __init__(
        self, s3: "S3Client", bucket_name: str, threads: Executor, *, in_batches: bool
    ) -> None:
        self._s3 = s3
        self._bucket_name = bucket_name
        self._threads = threads
        self._in_batches = in_batches

    def find(self, contract: str, message_id: str) -> dict[str, Any]:
        """Return the receipt of a stored message; raise the problem that fits in any other case."""
        if not is_message_id(message_id):
            raise ProblemError(Kind.NOT_STORED, "This is no message_id that a receipt has named.")
        if self._in_batches:
            raise ProblemError(
                Kind.NOT_TRACEABLE,
                "Messages are stored many to an object here (StorageLayout=batch), under keys that"
                " do not name them: whether this one is stored cannot be told from its id.",
            )
        stored = self._listed(object_key(contract, message_id))
        if stored is None:
            raise ProblemError(
                Kind.NOT_STORED,
                "The message is not stored yet, was never accepted under this contract,"
                " or has been deleted since.",
                headers={"retry-after": RETRY_AFTER_SECONDS},
            )
        return {
            "message_id": message_id,
            "contract": contract,
            "status": "stored",
            "received_at": timestamp(received_at_of(message_id)),
            **stored,
        }

    def _listed(self, key: str) -> dict[str, Any] | None:
        try:
            answer = in_time(
                self._threads,
                self._s3.list_objects_v2,
                Bucket=self._bucket_name,
                Prefix=key,
                MaxKeys=1,
            )
            for found in answer.get("Contents", ()):
                if found["Key"] == key:
                    stored_at = timestamp(found["LastModified"])
                    return {"key": key, "size_bytes": found["Size"], "stored_at": stored_at}
        except (*AWS_ERRORS, KeyError) as error:
            raise unavailable("The store cannot be asked now.") from error
        return None


def object_key(contract: str, message_id: str) -> str:
    """Return the S3 key under which the uploader stores the message."""
    moment = received_at_of(message_id)
    time = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
    return (
        f"messages/contract={contract}/dt={moment:%Y-%m-%d}/hour={moment:%H}/"
        f"{time}_{message_id}.json"
    )
