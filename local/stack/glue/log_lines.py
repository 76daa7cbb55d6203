"""The lines of a log group as they come, each of them once."""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# A line is stamped with the end of its invocation, and may be found a little later.
OVERLAP_MILLISECONDS = 10_000


class Line(NamedTuple):
    """One event of a log group."""

    stream: str
    timestamp: int
    message: str


class LogLines:
    """The lines of *group* that match *pattern*."""

    def __init__(self, logs: "CloudWatchLogsClient", group: str, pattern: str) -> None:
        self._logs = logs
        self._group = group
        self._pattern = pattern
        self._taken: Counter[Line] = Counter()
        self._found: Counter[Line] = Counter()

    def read(self) -> list[Line]:
        """Return the lines that were never accepted."""
        newest = max((line.timestamp for line in self._taken), default=0)
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group,
            filterPattern=self._pattern,
            startTime=max(0, newest - OVERLAP_MILLISECONDS),
        )
        # The emulator's events have no id, so equal lines are told apart by their number.
        self._found = Counter(
            Line(event["logStreamName"], event["timestamp"], event["message"])
            for page in pages
            for event in page["events"]
        )
        return list((self._found - self._taken).elements())

    def accept(self) -> None:
        """Take the lines that were read last as done with."""
        self._taken = self._found
