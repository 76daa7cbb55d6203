"""Measurements as Prometheus text and as OpenMetrics."""

from collections.abc import Iterable, Sequence

from ..figures import FIGURES, segment_limit
from ..measurement import Measurement
from ..probes.reply import Status

PREFIX = "weir_probe_"
BOUNDS_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)

type Sample = tuple[dict[str, str], float | None]


def as_prometheus(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Return *measurements* in the Prometheus text format 0.0.4, which needs no end mark."""
    lines = []
    for row in FIGURES:
        lines += family(
            row.series, row.help, ((labels_of(one), row.of(one)) for one in measurements)
        )
    lines += family(
        "status",
        "How the newest run went: 1 for the status that it had, 0 for every other.",
        (
            (labels_of(one) | {"status": status}, int(status is one.summary.status))
            for one in measurements
            for status in Status
        ),
    )
    lines += family(
        "round_trip_within_ratio",
        "Part of the probes sent that came back within so many seconds, from 0 to 1.",
        (
            (labels_of(one) | {"bound_seconds": str(bound)}, one.summary.ratio_within(bound))
            for one in measurements
            for bound in BOUNDS_SECONDS
        ),
    )
    lines += family(
        "run_info",
        "How the newest run was measured; always 1.",
        ((labels_of(one) | details(one, az_id), 1) for one in measurements),
    )
    return "\n".join(lines) + "\n"


def as_openmetrics(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Return *measurements* as OpenMetrics 1.0: for gauges, the same text and an end mark."""
    return as_prometheus(measurements, az_id) + "# EOF\n"


def family(name: str, description: str, samples: Iterable[Sample]) -> list[str]:
    """Return the lines of one gauge; none at all if no sample has a value."""
    values = [
        f"{PREFIX}{name}{{{_labels(labels)}}} {round(value, 9)!r}"
        for labels, value in samples
        if value is not None
    ]
    head = [f"# HELP {PREFIX}{name} {description}", f"# TYPE {PREFIX}{name} gauge"]
    return head + values if values else []


def labels_of(measurement: Measurement) -> dict[str, str]:
    """Return the labels that every sample of *measurement* has."""
    return {"target": str(measurement.target)}


def details(measurement: Measurement, az_id: str | None) -> dict[str, str]:
    """Return how *measurement* was taken, as labels."""
    return {
        "method": measurement.method,
        "source": measurement.summary.source or "",
        "address": measurement.address or "",
        "az_id": az_id or "",
        "segment_limit": segment_limit(measurement) or "",
    }


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
