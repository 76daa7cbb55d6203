"""Measurements as CloudWatch metrics."""

from typing import Any, Protocol

from .measurement import Measurement

SERVICE = "latency_probe"


class MetricSink(Protocol):
    """What takes one target's metrics and writes them as one line of EMF."""

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


def publish(measurement: Measurement, az_id: str | None, sink: MetricSink) -> None:
    """Write one target's metrics to *sink*, which must be empty.

    A run that nothing came back from has no RoundTripTime, a loss of 100 and TargetReachable 0.
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
    }.items():
        sink.add_metadata(name, value)

    for trip in summary.round_trips:
        sink.add_metric("RoundTripTime", "Milliseconds", trip * 1000)
    sink.add_metric("PacketLoss", "Percent", 100 * summary.loss_ratio)
    sink.add_metric("TargetReachable", "Count", int(summary.answered > 0))
    for name, seconds in {
        "Jitter": summary.figures()["jitter"],
        "ProbeOverhead": summary.overhead,
    }.items():
        if seconds is not None:
            sink.add_metric(name, "Milliseconds", seconds * 1000)
    sink.flush_metrics()
