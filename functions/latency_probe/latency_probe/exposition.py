"""Measurements as Prometheus text and as OpenMetrics."""

from collections.abc import Iterator, Sequence

from .measurement import Measurement
from .reply import Status

PREFIX = "weir_probe_"
_TRIP = "Round trip in the newest run, {}; absent when nothing answered."
_HELP = {
    "reachable": "Whether anything came back from the target, a refusal included (1) or not (0).",
    "status": "How the newest run went: 1 for the status that it had, 0 for every other.",
    "packet_loss_ratio": "Part of the probes that nothing came back for, from 0 to 1.",
    "sent_probes": "Probes sent in the newest run.",
    "answered_probes": "Probes of the newest run that something came back for.",
    "round_trip_min_seconds": _TRIP.format("minimum"),
    "round_trip_mean_seconds": _TRIP.format("mean"),
    "round_trip_median_seconds": _TRIP.format("median"),
    "round_trip_p95_seconds": _TRIP.format("95th percentile"),
    "round_trip_max_seconds": _TRIP.format("maximum"),
    "round_trip_stddev_seconds": _TRIP.format("standard deviation"),
    "round_trip_jitter_seconds": _TRIP.format("mean difference of neighbours"),
    "overhead_seconds": "What a user-space clock would have added to the round trip, median.",
    "resolution_seconds": "Time to resolve the target's name; absent for an address.",
    "measured_timestamp_seconds": "When the newest run began, in Unix time.",
    "run_info": "How the newest run was measured; always 1.",
}

type _Series = tuple[str, dict[str, str], float | None]


def prometheus_text(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Write *measurements* in the Prometheus text format 0.0.4, which needs no end mark."""
    lines = []
    series = [line for measurement in measurements for line in _series(measurement, az_id)]
    for name, description in _HELP.items():
        values = [
            f"{PREFIX}{name}{{{_labels(labels)}}} {round(value, 9)!r}"
            for known, labels, value in series
            if known == name and value is not None
        ]
        if values:
            kind = f"# TYPE {PREFIX}{name} gauge"
            lines += [f"# HELP {PREFIX}{name} {description}", kind, *values]
    return "\n".join(lines) + "\n"


def openmetrics_text(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Write *measurements* as OpenMetrics 1.0: for gauges, the same text and an end mark."""
    return prometheus_text(measurements, az_id) + "# EOF\n"


def _series(measurement: Measurement, az_id: str | None) -> Iterator[_Series]:
    summary = measurement.summary
    target = {"target": str(measurement.target)}
    yield "reachable", target, int(summary.answered > 0)
    for status in Status:
        yield "status", target | {"status": status}, int(status is summary.status)
    yield "packet_loss_ratio", target, summary.loss_ratio
    yield "sent_probes", target, summary.sent
    yield "answered_probes", target, summary.answered
    for name, value in summary.figures().items():
        yield f"round_trip_{name}_seconds", target, value
    yield "overhead_seconds", target, summary.overhead
    yield "resolution_seconds", target, measurement.resolution_seconds
    yield "measured_timestamp_seconds", target, measurement.taken_at
    details = {
        "method": measurement.method,
        "source": summary.source or "",
        "address": measurement.address or "",
        "az_id": az_id or "",
    }
    yield "run_info", target | details, 1


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
