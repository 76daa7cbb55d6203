"""The metrics and the log lines of the probe."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .figures import figures_of
from .measurement import Measurement
from .render.as_json import describe

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.metrics import EphemeralMetrics

SERVICE = "latency_probe"
# Published for all targets together: a series for each target costs $0.30 a month.
SHARED = ("Jitter", "ProbeOverhead")
# Fields of a log line beside a target's metrics, to search by.
PROPERTIES = (
    *("status", "method", "source", "az_id", "address", "sent", "answered", "error"),
    *("segment_bytes", "segment_limit"),
)


def publish(
    measurement: Measurement, change: float | None, az_id: str | None, metrics: "EphemeralMetrics"
) -> None:
    """Write one target's *metrics*, which must be empty, as one line of EMF.

    A run that nothing came back from has no RoundTripTime, a loss of 100 and TargetReachable 0.
    *change* is a property of the line only: as a metric of each target it would be paid for twice.
    """
    described = describe(measurement, az_id)
    metrics.add_dimension("target", described["target"])
    metrics.add_dimensions(service=SERVICE)  # of all targets, so that one alarm watches any number
    for name in PROPERTIES:
        metrics.add_metadata(name, described[name])
    metrics.add_metadata("round_trip_change", change)
    for trip in measurement.summary.round_trips:
        metrics.add_metric("RoundTripTime", "Milliseconds", trip * 1000)
    for name, unit, value in _figures(measurement):
        if name in SHARED:
            metrics.add_metadata(name, value)
        else:
            metrics.add_metric(name, unit, value)
    metrics.flush_metrics()


def publish_shared(
    measurements: Iterable[Measurement],
    changes: Iterable[float | None],
    metrics: "EphemeralMetrics",
) -> None:
    """Write what no target has a series of its own for, and the largest of *changes*, if known."""
    figures = [figure for each in measurements for figure in _figures(each) if figure[0] in SHARED]
    if known := [change for change in changes if change is not None]:
        figures.append(("RoundTripChange", "None", max(known)))
    for figure in figures:
        metrics.add_metric(*figure)
    if figures:
        metrics.flush_metrics()


def _figures(measurement: Measurement) -> list[tuple[str, str, float]]:
    """Return name, unit and value of each figure that CloudWatch takes."""
    rows = [(row.metric, *row.converted()) for row in figures_of(measurement) if row.metric]
    return [(name, unit, value) for name, unit, value in rows if value is not None]


def log(measurement: Measurement, logger: "Logger") -> None:
    """Write the line of one target."""
    found = describe(measurement)
    kept = {name: found[name] for name in ("target", "status", "loss_percent", "error")}
    logger.info("target measured", round_trip_time_ms=found["latency_ms"], extra=kept)
