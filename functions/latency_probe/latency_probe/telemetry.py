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
# Published for all targets together: a series for each target costs $0.30 a month.
SHARED = ("Jitter", "ProbeOverhead")


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
    for name, unit, value in _figures(measurement):
        if name in SHARED:
            sink.add_metadata(name, value)
        else:
            sink.add_metric(name, unit, value)
    sink.flush_metrics()


def publish_shared(
    measurements: Iterable[Measurement], changes: Iterable[float | None], sink: MetricSink
) -> None:
    """Write what no target has a series of its own for, and the largest of *changes*, to *sink*.

    Nothing is written if nothing is known.
    """
    figures = [figure for each in measurements for figure in _figures(each) if figure[0] in SHARED]
    if known := [change for change in changes if change is not None]:
        figures.append(("RoundTripChange", "None", max(known)))
    for figure in figures:
        sink.add_metric(*figure)
    if figures:
        sink.flush_metrics()


def _figures(measurement: Measurement) -> list[tuple[str, str, float]]:
    """Return name, unit and value of each figure that CloudWatch takes."""
    return [
        (row.metric, row.unit.name, figure)
        for row in FIGURES
        if row.metric and (figure := row.converted(measurement)) is not None
    ]


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
