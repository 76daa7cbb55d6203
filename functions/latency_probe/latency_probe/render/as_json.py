"""Measurements as JSON: the answer of `GET /metrics`, the command and a scheduled run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..figures import figures_of
from ..measurement import Measurement

HEADLINE = ("target", "latency_ms", "status", "az_id", "timestamp")


def describe(measurement: Measurement, az_id: str | None = None) -> dict[str, Any]:
    """Return one target's description; `latency_ms` is the median, null if nothing answered."""
    summary = measurement.summary
    rows = figures_of(measurement)
    figures = {row.key: row.converted()[1] for row in rows if row.key}
    taken_at = datetime.fromtimestamp(measurement.taken_at, UTC)
    return {
        "target": str(measurement.target),
        "status": summary.status,
        "latency_ms": figures["median_ms"],
        **figures,
        "method": measurement.method,
        "source": summary.source,
        "address": measurement.address,
        "error": summary.error,
        "segment_limit": summary.segment and summary.segment.limit,
        "samples_ms": [milliseconds(sample) for sample in summary.samples],
        "az_id": az_id,
        "timestamp": taken_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def as_json(measurements: Sequence[Measurement], az_id: str | None) -> dict[str, Any]:
    """Return the description of all targets, with the first one's headline on top."""
    targets = [describe(measurement, az_id) for measurement in measurements]
    return {**{name: targets[0][name] for name in HEADLINE}, "targets": targets}


def milliseconds(seconds: float | None) -> float | None:
    """Return *seconds* in milliseconds, to the kernel's microsecond; None stays None."""
    return None if seconds is None else round(seconds * 1000, 3)
