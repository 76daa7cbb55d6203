"""The uploader's settings, read from its environment."""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, Self


class StorageLayout(Enum):
    """How messages become objects: one object per message, or one gzip object per batch."""

    MESSAGE = "message"
    BATCH = "batch"


class Settings(NamedTuple):
    """Everything the uploader reads from outside; a missing name fails the cold start."""

    bucket_name: str
    queue_url: str
    storage_layout: StorageLayout
    memory_mb: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read *env*; raise KeyError for a missing name and ValueError for a wrong value."""
        return cls(
            bucket_name=env["MESSAGE_BUCKET_NAME"],
            queue_url=env["MESSAGE_QUEUE_URL"],
            storage_layout=StorageLayout(env["STORAGE_LAYOUT"]),
            memory_mb=int(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
        )

    @property
    def thread_count(self) -> int:
        """Threads that write to S3 at once.

        Lambda gives CPU by memory, a whole one at 1,769 MB. A write waits for S3 some 20 ms and
        computes less than two, so a whole CPU feeds more threads than a share of one does. Beyond
        that they fight for the interpreter lock (docs/decisions.md).
        """
        return max(8, min(16, self.memory_mb * 16 // 1769))
