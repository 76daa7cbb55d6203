"""The figures behind a dashboard, asked of CloudWatch's own API and nowhere else."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from .alarm_state import Alarm, Standing, resolution, seconds_needed, standing
from .body import Metric

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


class Question(NamedTuple):
    """What GetMetricData is asked: one statistic of one metric."""

    metric: Metric
    stat: str
    period: int


class Span(NamedTuple):
    """A time from start to end, in Unix seconds."""

    start: int
    end: int

    def to_api(self) -> dict[str, Any]:
        """Return the span as CloudWatch asks for it."""
        start, end = (datetime.fromtimestamp(second, UTC) for second in self)
        return {"StartTime": start, "EndTime": end}


class Figures:
    """CloudWatch, as the dashboard asks it."""

    def __init__(self, cloudwatch: "CloudWatchClient") -> None:
        self._cloudwatch = cloudwatch
        self._units: dict[Metric, str] = {}

    def dashboard(self, name: str | None) -> tuple[str, str] | None:
        """Return name and body of the dashboard *name*, or of the first; None if there is none."""
        entries = self._pages("list_dashboards", "DashboardEntries")
        for found in [entry["DashboardName"] for entry in entries]:
            if name in (None, found):
                return found, self._cloudwatch.get_dashboard(DashboardName=found)["DashboardBody"]
        return None

    def alarms(self, now: float) -> dict[str, Alarm]:
        """Return every alarm by its ARN, with its `Standing` at *now*.

        One that does not watch a single metric is in the state that DescribeAlarms tells.
        """
        found = self._pages("describe_alarms", "MetricAlarms")
        simple = [alarm for alarm in found if "MetricName" in alarm]
        arns = [alarm["AlarmArn"] for alarm in simple]
        standings = dict(zip(arns, self.standings(simple, now), strict=True))
        return {
            alarm["AlarmArn"]: {
                **alarm,
                "Standing": standings.get(alarm["AlarmArn"]) or Standing.told(alarm),
            }
            for alarm in found
        }

    def standings(self, alarms: Sequence[Alarm], now: float) -> list[Standing]:
        """Return the states of *alarms* at *now*, in their order."""
        if not alarms:
            return []
        start = int(now) - max(map(seconds_needed, alarms))
        questions = [
            Question(
                Metric.from_api(alarm),
                alarm.get("ExtendedStatistic") or alarm["Statistic"],
                resolution(alarm),
            )
            for alarm in alarms
        ]
        answers = self.series(questions, Span(start, int(now) + 1))
        return [standing(alarm, values, now) for alarm, values in zip(alarms, answers, strict=True)]

    def metrics(self, namespace: str) -> list[Metric]:
        """Return the metrics that were ever published in *namespace*."""
        found = self._pages("list_metrics", "Metrics", Namespace=namespace)
        return [Metric.from_api(item) for item in found]

    def series(self, questions: Iterable[Question], span: Span) -> list[dict[int, float]]:
        """Return the values within *span* by time, for each question, in the order asked."""
        queries = [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": question.metric.to_api(),
                    "Period": question.period,
                    "Stat": question.stat,
                },
            }
            for number, question in enumerate(questions)
        ]
        answers: list[dict[int, float]] = [{} for _ in queries]
        if queries:
            for result in self._pages(
                "get_metric_data",
                "MetricDataResults",
                MetricDataQueries=queries,
                **span.to_api(),
                ScanBy="TimestampAscending",
            ):
                times = [int(moment.timestamp()) for moment in result["Timestamps"]]
                values = zip(times, result["Values"], strict=True)
                answers[int(result["Id"].removeprefix("q"))].update(values)
        return answers

    def unit(self, metric: Metric, span: Span) -> str:
        """Return the unit of a *metric* that has values within *span*; it is asked for once."""
        if metric not in self._units:
            answer = self._cloudwatch.get_metric_statistics(
                **metric.to_api(),
                **span.to_api(),
                Period=span.end - span.start,
                Statistics=["SampleCount"],
            )
            self._units[metric] = answer["Datapoints"][0]["Unit"]
        return self._units[metric]

    def _pages(self, operation: Any, key: str, **asked: Any) -> list[Any]:
        pages = self._cloudwatch.get_paginator(operation).paginate(**asked)
        return [item for page in pages for item in page[key]]
