"""A CloudWatch that holds what a test puts in, and answers in the emulator's way."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from local.dashboard.body import Metric

STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "Sum": sum,
    "p5": min,
    "p95": max,
}


class FakeCloudWatch:
    """Dashboards, alarms and the points of metrics; `down` makes every call fail."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        self.alarms: list[dict[str, Any]] = []
        self.points: dict[Metric, list[tuple[int, float]]] = {}
        self.units: dict[Metric, str] = {}
        self.unit_questions = 0
        self.down = False

    def put_dashboard(self, name: str, *widgets: Mapping[str, Any], **settings: str) -> None:
        """Deploy a dashboard of *widgets*."""
        self.bodies[name] = json.dumps({"widgets": widgets, **settings})

    def put_alarm(self, name: str, state: str, **settings: Any) -> str:
        """Make an alarm, and return its ARN."""
        arn = f"arn:aws:cloudwatch:eu-central-1:000000000000:alarm:{name}"
        since = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)
        state_of = {"StateValue": state, "StateUpdatedTimestamp": since}
        self.alarms.append({"AlarmName": name, "AlarmArn": arn, **state_of, **settings})
        return arn

    def put(self, metric: Metric, *points: tuple[int, float], unit: str = "Count") -> None:
        """Publish *points*, each a time and a value."""
        self.points.setdefault(metric, []).extend(points)
        self.units[metric] = unit

    def get_paginator(self, operation: str) -> "FakePaginator":
        """Answer in pages of one item, so that a caller that reads one page only is found out."""
        if self.down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        return FakePaginator(getattr(self, f"_{operation}"))

    def get_dashboard(self, *, DashboardName: str) -> dict[str, str]:  # noqa: N803
        """Answer as CloudWatch."""
        return {"DashboardName": DashboardName, "DashboardBody": self.bodies[DashboardName]}

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        """Answer with the unit, which GetMetricData does not tell."""
        self.unit_questions += 1
        metric = Metric.from_api(asked)
        return {"Datapoints": [{"Unit": self.units[metric]}]}

    def _list_dashboards(self) -> Iterator[dict[str, Any]]:
        for name in self.bodies:
            yield {"DashboardEntries": [{"DashboardName": name}]}

    def _describe_alarms(self) -> Iterator[dict[str, Any]]:
        for alarm in self.alarms:
            yield {"MetricAlarms": [alarm]}

    def _list_metrics(self, **asked: Any) -> Iterator[dict[str, Any]]:
        for metric in self.points:
            if metric.namespace == asked["Namespace"]:
                yield {"Metrics": [metric.to_api()]}

    def _get_metric_data(self, **asked: Any) -> Iterator[dict[str, Any]]:
        for query in asked["MetricDataQueries"]:
            stat = query["MetricStat"]
            buckets: dict[int, list[float]] = {}
            for time, value in self.points.get(Metric.from_api(stat["Metric"]), []):
                if asked["StartTime"].timestamp() <= time < asked["EndTime"].timestamp():
                    bucket = time // stat["Period"] * stat["Period"]
                    buckets.setdefault(bucket, []).append(value)
            answer = {
                "Id": query["Id"],
                "Timestamps": [datetime.fromtimestamp(time, UTC) for time in sorted(buckets)],
                "Values": [STATISTICS[stat["Stat"]](buckets[time]) for time in sorted(buckets)],
            }
            yield {"MetricDataResults": [answer]}


class FakePaginator:
    """What boto3 calls a paginator."""

    def __init__(self, pages: Callable[..., Iterable[dict[str, Any]]]) -> None:
        self._pages = pages

    def paginate(self, **asked: Any) -> Iterable[dict[str, Any]]:
        """Return the pages of the answer."""
        return self._pages(**asked)


@pytest.fixture
def cloudwatch() -> FakeCloudWatch:
    """Return a CloudWatch with nothing in it."""
    return FakeCloudWatch()
