"""The table of a measurement's figures: every form of the answer reads its names here."""

from collections.abc import Callable
from typing import NamedTuple

from .measurement import Measurement
from .summary import Summary, jitter, mean, median, percentile, standard_deviation


class Unit(NamedTuple):
    """Conversion from Prometheus' base unit (seconds, a ratio, a number) to CloudWatch's."""

    name: str
    factor: int


TIME = Unit("Milliseconds", 1000)
RATIO = Unit("Percent", 100)
NUMBER = Unit("Count", 1)


class Figure(NamedTuple):
    """One number of a measurement, and its name in each form; None where a form leaves it out.

    `of` returns Prometheus' base unit, and None where nothing was measured.
    """

    series: str  # Prometheus
    help: str
    unit: Unit
    of: Callable[[Measurement], float | None]
    key: str | None = None  # JSON
    metric: str | None = None  # CloudWatch

    def converted(self, measurement: Measurement) -> float | None:
        """Return the figure in milliseconds, percent or as a number; None stays None."""
        value = self.of(measurement)
        return None if value is None else value * self.unit.factor


def round_trip(
    name: str, meaning: str, of: Callable[[Summary], float | None], metric: str | None = None
) -> Figure:
    """Return the row of a figure that is calculated from a run's round trips."""
    return Figure(
        f"round_trip_{name}_seconds",
        f"Round trip in the newest run, {meaning}; absent when nothing answered.",
        TIME,
        lambda measurement: of(measurement.summary),
        f"{name}_ms",
        metric,
    )


def segment_limit(measurement: Measurement) -> str | None:
    """Return what limits the segment: the target and its path, or this host's own link."""
    segment = measurement.summary.segment
    return None if segment is None else "path" if segment.limited else "host"


FIGURES = (
    Figure(
        "reachable",
        "Whether anything came back from the target, a refusal included (1) or not (0).",
        NUMBER,
        lambda measurement: int(measurement.summary.answered > 0),
        metric="TargetReachable",
    ),
    Figure(
        "packet_loss_ratio",
        "Part of the probes that nothing came back for, from 0 to 1.",
        RATIO,
        lambda measurement: measurement.summary.loss_ratio,
        "loss_percent",
        "PacketLoss",
    ),
    Figure(
        "sent_probes",
        "Probes sent in the newest run.",
        NUMBER,
        lambda measurement: measurement.summary.sent,
        "sent",
    ),
    Figure(
        "answered_probes",
        "Probes of the newest run that something came back for.",
        NUMBER,
        lambda measurement: measurement.summary.answered,
        "answered",
    ),
    round_trip("min", "minimum", lambda run: min(run.round_trips, default=None)),
    round_trip("mean", "mean", lambda run: mean(run.round_trips)),
    round_trip("median", "median", lambda run: median(run.round_trips)),
    round_trip("p95", "95th percentile", lambda run: percentile(run.round_trips, 95)),
    round_trip("max", "maximum", lambda run: max(run.round_trips, default=None)),
    round_trip("stddev", "standard deviation", lambda run: standard_deviation(run.round_trips)),
    round_trip(
        "jitter", "mean difference of neighbours", lambda run: jitter(run.samples), "Jitter"
    ),
    Figure(
        "overhead_seconds",
        "What a user-space clock would have added to the round trip, median.",
        TIME,
        lambda measurement: measurement.summary.overhead,
        "overhead_ms",
        "ProbeOverhead",
    ),
    Figure(
        "resolution_seconds",
        "Time to resolve the target's name; absent for an address.",
        TIME,
        lambda measurement: measurement.resolution_seconds,
        "resolution_ms",
    ),
    Figure(
        "segment_bytes",
        "Largest TCP segment that the path to the target takes; absent for ICMP and refusals.",
        NUMBER,
        lambda measurement: segment.size if (segment := measurement.summary.segment) else None,
        "segment_bytes",
    ),
    Figure(
        "measured_timestamp_seconds",
        "When the newest run began, in Unix time.",
        NUMBER,
        lambda measurement: measurement.taken_at,
    ),
)
