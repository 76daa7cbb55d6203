"""The network is measured every minute, with nobody asking for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

SAMPLES_PER_RUN = 20


def test_scheduled_probe_publishes_every_sample(
    aws: Callable[[str], Any], eventually: Callable[..., Any]
) -> None:
    """The metrics come from the schedule alone: a request for the latency publishes none."""
    cloudwatch = aws("cloudwatch")
    started = datetime.now(UTC)

    def samples() -> list[dict[str, Any]]:
        metrics = cloudwatch.list_metrics(Namespace="Weir", MetricName="RoundTripTime")["Metrics"]
        return [
            point
            for metric in metrics
            for point in cloudwatch.get_metric_statistics(
                Namespace="Weir",
                MetricName="RoundTripTime",
                Dimensions=metric["Dimensions"],
                StartTime=started - timedelta(minutes=3),
                EndTime=started + timedelta(minutes=5),
                Period=60,
                Statistics=["SampleCount", "Minimum"],
            )["Datapoints"]
        ]

    found = eventually(samples, within_seconds=100)

    assert found
    assert all(point["SampleCount"] % SAMPLES_PER_RUN == 0 for point in found)
    assert all(point["Minimum"] > 0 for point in found)
