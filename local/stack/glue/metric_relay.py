"""Publishes metrics to CloudWatch, round by round, while the stack is up."""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from . import embedded_metrics, service_metrics
from .log_lines import Line, LogLines
from .observations import Observation, publish


class Source(NamedTuple):
    """Lines of a log group, and what they say."""

    group: str
    pattern: str
    meaning: Callable[[Iterable[Line]], Iterator[Observation]]


class MetricRelay:
    """Publishes what log lines, queues and requests say, each thing once.

    *client* makes a boto3 client of a service.
    """

    def __init__(self, client: Callable[..., Any]) -> None:
        self._logs = client("logs")
        self._functions = client("lambda")
        self._cloudwatch = client("cloudwatch")
        self._queues = service_metrics.Queues(client("sqs"))
        self._lines: dict[tuple[str, str], LogLines] = {}
        self._requests: list[Observation] = []

    def request(self, api_id: str, status: int, seconds: float) -> None:
        """Remember one request to the API until the next round."""
        now, milliseconds = int(time.time()), round(seconds * 1000)
        self._requests += service_metrics.of_request(api_id, status, milliseconds, now)

    def run_once(self) -> None:
        """Publish what has come since the last time."""
        requests, self._requests = self._requests, []
        publish(self._cloudwatch, [*requests, *self._queues.observe(int(time.time()))])
        for group, pattern, meaning in list(self._sources()):
            key = (group, pattern)
            lines = self._lines.setdefault(key, LogLines(self._logs, group, pattern))
            publish(self._cloudwatch, meaning(lines.read()))
            lines.accept()

    def _sources(self) -> Iterator[Source]:
        """Yield the lines to read of each function.

        The functions name their log groups; DescribeLogGroups of the emulator fails while a group
        is being made.
        """
        for page in self._functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                name, group = function["FunctionName"], function["LoggingConfig"]["LogGroup"]
                reports = partial(service_metrics.of_reports, name)
                failures = partial(service_metrics.of_failures, name)
                yield Source(group, embedded_metrics.PATTERN, embedded_metrics.of_lines)
                yield Source(group, service_metrics.REPORTS, reports)
                yield from (Source(group, one, failures) for one in service_metrics.FAILURES)
