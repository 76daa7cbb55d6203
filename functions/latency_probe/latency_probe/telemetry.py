"""The metrics and the log lines of the probe."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from .figures import FIGURES, segment_limit
from .host import Host
from .measurement import Measurement
from .render.as_json import describe, milliseconds

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

SERVICE = "latency_probe"


class MetricSink(Protocol):
    """Takes one target's metrics and writes them as one line of EMF."""

    def add_dimension(self, name: str, value: str) -> None:
        """Set a dimension of all metrics in the line."""

    def add_dimensions(self, **dimensions: str) -> None:
        """Count all metrics in the line under these dimensions too."""

    def add_metadata(self, key: str, value: Any) -> None:
        """Set a property that logs can be searched by, and metrics cannot."""

    def add_metric(self, name: str, unit: str, value: float) -> None:
        """Add one value to a metric."""

    def flush_metrics(self) -> None:
        """Write the line."""


def publish(
    measurement: Measurement, change: float | None, az_id: str | None, sink: MetricSink
) -> None:
    """Write one target's metrics to *sink*, which must be empty.

    A run that nothing came back from has no RoundTripTime, a loss of 100 and TargetReachable 0.
    *change* is a property of the line only: as a metric of each target it would be paid for twice.
    """
    summary = measurement.summary
    sink.add_dimension("target", str(measurement.target))
    sink.add_dimensions(service=SERVICE)  # of all targets, so that one alarm watches any number
    for name, value in {
        "status": summary.status,
        "method": measurement.method,
        "source": summary.source,
        "az_id": az_id,
        "address": measurement.address,
        "sent": summary.sent,
        "answered": summary.answered,
        "error": summary.error,
        "round_trip_change": change,
        "segment_bytes": summary.segment and summary.segment.size,
        "segment_limit": segment_limit(measurement),
    }.items():
        sink.add_metadata(name, value)

    for trip in summary.round_trips:
        sink.add_metric("RoundTripTime", "Milliseconds", trip * 1000)
    for row in FIGURES:
        figure = row.converted(measurement)
        if row.metric and figure is not None:
            sink.add_metric(row.metric, row.unit.name, figure)
    sink.flush_metrics()


def publish_worst(changes: Iterable[float | None], sink: MetricSink) -> None:
    """Write the largest of all targets' *changes* to *sink*; nothing if none is known."""
    known = [change for change in changes if change is not None]
    if known:
        sink.add_metric("RoundTripChange", "None", max(known))
        sink.flush_metrics()


def log(measurement: Measurement, logger: "Logger") -> None:
    """Write the line of one target."""
    found = describe(measurement)
    logger.info(
        "target measured",
        target=found["target"],
        status=found["status"],
        round_trip_time_ms=found["latency_ms"],
        loss_percent=found["loss_percent"],
        error=found["error"],
    )


def log_host(host: Host, az_id: str | None, logger: "Logger") -> None:
    """Write what this host allows and how it slows the probe down."""
    logger.info(
        "host surveyed",
        icmp_possible=host.icmp_possible,
        cpu_share=round(host.cpu_share, 2),
        overhead_ms=milliseconds(host.overhead_seconds),
        az_id=az_id,
    )
