"""Measurements as Prometheus text and as OpenMetrics."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from ..figures import figures_of
from ..measurement import Measurement
from ..probes.reply import Status

PREFIX = "weir_probe_"
BOUNDS_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
STATUS_HELP = "How the newest run went: 1 for the status that it had, 0 for every other."
WITHIN_HELP = "Part of the probes sent that came back within so many seconds, from 0 to 1."

type Sample = tuple[str, str, Mapping[str, str | None], float | None]


def as_prometheus(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Return *measurements* in the Prometheus text format 0.0.4, which needs no end mark.

    A gauge without a value has no line at all.
    """
    gauges: dict[str, list[str]] = {}
    for measurement in measurements:
        for name, meaning, labels, value in samples_of(measurement, az_id):
            if value is not None:
                series = PREFIX + name
                head = [f"# HELP {series} {meaning}", f"# TYPE {series} gauge"]
                text = _labels({"target": str(measurement.target), **labels})
                gauges.setdefault(series, head).append(f"{series}{{{text}}} {round(value, 9)!r}")
    return "\n".join(chain.from_iterable(gauges.values())) + "\n"


def as_openmetrics(measurements: Sequence[Measurement], az_id: str | None) -> str:
    """Return *measurements* as OpenMetrics 1.0: for gauges, the same text and an end mark."""
    return as_prometheus(measurements, az_id) + "# EOF\n"


def samples_of(measurement: Measurement, az_id: str | None) -> Iterator[Sample]:
    """Yield name, meaning, labels and value of each sample of *measurement*."""
    summary = measurement.summary
    for figure in figures_of(measurement):
        yield figure.series, figure.help, {}, figure.value
    for status in Status:
        yield "status", STATUS_HELP, {"status": status}, int(status is summary.status)
    for bound in BOUNDS_SECONDS:
        labels = {"bound_seconds": str(bound)}
        yield "round_trip_within_ratio", WITHIN_HELP, labels, summary.ratio_within(bound)
    details = {
        "method": measurement.method,
        "source": summary.source,
        "address": measurement.address,
        "az_id": az_id,
        "segment_limit": summary.segment and summary.segment.limit,
    }
    yield "run_info", "How the newest run was measured; always 1.", details, 1


def _labels(labels: Mapping[str, str | None]) -> str:
    # JSON escapes quotes, backslashes and line breaks as Prometheus does.
    texts = {name: json.dumps(value or "", ensure_ascii=False) for name, value in labels.items()}
    return ",".join(f"{name}={text}" for name, text in texts.items())
