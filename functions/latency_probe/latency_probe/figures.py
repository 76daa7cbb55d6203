"""The table of a measurement's figures: every form of the answer reads its names here."""

from typing import NamedTuple

from .measurement import Measurement
from .summary import jitter, mean, median, percentile, standard_deviation

# The end of a series' name is Prometheus' unit: its unit in CloudWatch, and how many make one.
UNITS = {"seconds": ("Milliseconds", 1000), "ratio": ("Percent", 100)}


class Figure(NamedTuple):
    """One number of a measurement, and its name in each form; None where a form leaves it out.

    `value` is in Prometheus' base unit, and None where nothing was measured.
    """

    series: str  # Prometheus
    value: float | None
    help: str
    key: str | None = None  # JSON
    metric: str | None = None  # CloudWatch

    def converted(self) -> tuple[str, float | None]:
        """Return unit and value for CloudWatch and JSON, to the microsecond that kernels count."""
        unit, factor = UNITS.get(self.series.rpartition("_")[2], ("Count", 1))
        return unit, None if self.value is None else round(self.value * factor, 3)


def figures_of(measurement: Measurement) -> list[Figure]:
    """Return every figure of *measurement*, always in the same order."""
    run, trips = measurement.summary, measurement.summary.round_trips
    reachable = "Whether anything came back from the target, a refusal included (1) or not (0)."
    lost = "Part of the probes that nothing came back for, from 0 to 1."
    answered = "Probes of the newest run that something came back for."
    overhead = "What a user-space clock would have added to the round trip, median."
    resolution = "Time to resolve the target's name; absent for an address."
    segment = "Largest TCP segment that the path to the target takes; absent for ICMP and refusals."
    began = "When the newest run began, in Unix time."
    return [
        Figure("reachable", int(run.answered > 0), reachable, metric="TargetReachable"),
        Figure("packet_loss_ratio", run.loss_ratio, lost, "loss_percent", "PacketLoss"),
        Figure("sent_probes", run.sent, "Probes sent in the newest run.", "sent"),
        Figure("answered_probes", run.answered, answered, "answered"),
        _round_trip("min", min(trips, default=None), "minimum"),
        _round_trip("mean", mean(trips), "mean"),
        _round_trip("median", median(trips), "median"),
        _round_trip("p95", percentile(trips, 95), "95th percentile"),
        _round_trip("max", max(trips, default=None), "maximum"),
        _round_trip("stddev", standard_deviation(trips), "standard deviation"),
        _round_trip("jitter", jitter(run.samples), "mean difference of neighbours", "Jitter"),
        Figure("overhead_seconds", run.overhead, overhead, "overhead_ms", "ProbeOverhead"),
        Figure("resolution_seconds", measurement.resolution_seconds, resolution, "resolution_ms"),
        Figure("segment_bytes", run.segment and run.segment.size, segment, "segment_bytes"),
        Figure("measured_timestamp_seconds", measurement.taken_at, began),
    ]


def _round_trip(name: str, value: float | None, meaning: str, metric: str | None = None) -> Figure:
    text = f"Round trip in the newest run, {meaning}; absent when nothing answered."
    return Figure(f"round_trip_{name}_seconds", value, text, f"{name}_ms", metric)
