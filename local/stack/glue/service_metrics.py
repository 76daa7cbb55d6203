"""The metrics that AWS's own services publish, out of what can be seen of them here."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .log_lines import Line
from .observations import Datum, Observation

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_sqs import SQSClient

# The emulator logs a REPORT line after every invocation, and a traceback or "Task timed out" line
# when the invocation failed.
REPORTS = '"REPORT RequestId"'
FAILURES = ('"Traceback"', '"Task timed out"')
DURATION = re.compile(r"\tDuration: (\d+) ms")
FAILURE = re.compile(r"Traceback \(most recent call last\):$|Task timed out after ")


def of_request(api_id: str, status: int, milliseconds: int, second: int) -> Iterator[Observation]:
    """Yield what API Gateway publishes about one request."""
    values: list[tuple[str, StandardUnitType, int]] = [
        ("Count", "Count", 1),
        ("4xx", "Count", int(status // 100 == 4)),
        ("5xx", "Count", int(status // 100 == 5)),
        ("Latency", "Milliseconds", milliseconds),
    ]
    for name, unit, value in values:
        yield Datum("AWS/ApiGateway", name, (("ApiId", api_id),), unit, second), value


def of_reports(function: str, lines: Iterable[Line]) -> Iterator[Observation]:
    """Yield what Lambda publishes about each invocation; none has failed so far."""
    for line in lines:
        if found := DURATION.search(line.message):
            yield _of_function(function, "Invocations", "Count", line), 1
            yield _of_function(function, "Errors", "Count", line), 0
            yield _of_function(function, "Duration", "Milliseconds", line), int(found[1])


def of_failures(function: str, lines: Iterable[Line]) -> Iterator[Observation]:
    """Yield an error for each failed invocation; a traceback within a JSON line is none."""
    for line in lines:
        if FAILURE.match(line.message):
            yield _of_function(function, "Errors", "Count", line), 1


def _of_function(function: str, name: str, unit: "StandardUnitType", line: Line) -> Datum:
    return Datum("AWS/Lambda", name, (("FunctionName", function),), unit, line.timestamp // 1000)


class Queues:
    """The queues, and since when each of them holds something."""

    def __init__(self, sqs: "SQSClient") -> None:
        self._sqs = sqs
        self._since: dict[str, int] = {}

    def observe(self, second: int) -> Iterator[Observation]:
        """Yield what SQS publishes about each queue.

        The age is that of a message that came when the queue was last empty: the oldest that can
        be there, as the emulator tells no message's own.
        """
        for page in self._sqs.get_paginator("list_queues").paginate():
            for url in page.get("QueueUrls", []):
                name = url.rpartition("/")[2]
                found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
                visible = int(found["Attributes"]["ApproximateNumberOfMessages"])
                hidden = int(found["Attributes"]["ApproximateNumberOfMessagesNotVisible"])
                since = self._since.get(name, second) if visible + hidden else second
                self._since[name] = since
                values: list[tuple[str, StandardUnitType, int]] = [
                    ("ApproximateNumberOfMessagesVisible", "Count", visible),
                    ("ApproximateNumberOfMessagesNotVisible", "Count", hidden),
                    ("ApproximateAgeOfOldestMessage", "Seconds", second - since),
                ]
                for metric, unit, value in values:
                    dimensions = (("QueueName", name),)
                    yield Datum("AWS/SQS", metric, dimensions, unit, second), value
