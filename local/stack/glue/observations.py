"""Values of metrics, and their way into CloudWatch in few calls."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

# What one PutMetricData takes at most.
DATA_PER_CALL = 1000
VALUES_PER_DATUM = 150


class Datum(NamedTuple):
    """One metric in one second, named as CloudWatch's MetricDatum names it."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: "StandardUnitType"
    second: int


Observation = tuple[Datum, float]


def publish(cloudwatch: "CloudWatchClient", observations: Iterable[Observation]) -> None:
    """Put every value of *observations* into CloudWatch; equal ones of one second are counted."""
    counters: defaultdict[Datum, Counter[float]] = defaultdict(Counter)
    for metric, value in observations:
        counters[metric][value] += 1
    data: defaultdict[str, list[MetricDatumTypeDef]] = defaultdict(list)
    for metric, counter in counters.items():
        for values in batched(counter.items(), VALUES_PER_DATUM, strict=False):
            data[metric.namespace].append(
                {
                    "MetricName": metric.name,
                    "Dimensions": [
                        {"Name": key, "Value": value} for key, value in metric.dimensions
                    ],
                    "Timestamp": datetime.fromtimestamp(metric.second, UTC),
                    "Unit": metric.unit,
                    "Values": [value for value, _ in values],
                    "Counts": [count for _, count in values],
                }
            )
    for namespace, items in data.items():
        for some in batched(items, DATA_PER_CALL, strict=False):
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=some)
