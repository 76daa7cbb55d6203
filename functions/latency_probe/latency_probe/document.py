"""Measurements as JSON: what `GET /metrics`, the command and a scheduled run answer with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from .measurement import Measurement

_HEADLINE = ("target", "latency_ms", "status", "az_id", "timestamp")


def describe(measurement: Measurement, az_id: str | None = None) -> dict[str, Any]:
    """Describe one target; `latency_ms` is the median, and null if nothing answered."""
    summary = measurement.summary
    figures = {name: milliseconds(value) for name, value in summary.figures().items()}
    taken_at = datetime.fromtimestamp(measurement.taken_at, UTC)
    return {
        "target": str(measurement.target),
        "status": summary.status,
        "latency_ms": figures["median"],
        **{f"{name}_ms": value for name, value in figures.items()},
        "loss_percent": round(100 * summary.loss_ratio, 3),
        "sent": summary.sent,
        "answered": summary.answered,
        "method": measurement.method,
        "source": summary.source,
        "overhead_ms": milliseconds(summary.overhead),
        "resolution_ms": milliseconds(measurement.resolution_seconds),
        "address": measurement.address,
        "error": summary.error,
        "samples_ms": [milliseconds(sample) for sample in summary.samples],
        "az_id": az_id,
        "timestamp": taken_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def document(measurements: Sequence[Measurement], az_id: str | None) -> dict[str, Any]:
    """Describe all targets, with the first one's headline on top."""
    targets = [describe(measurement, az_id) for measurement in measurements]
    return {**{name: targets[0][name] for name in _HEADLINE}, "targets": targets}


def milliseconds(seconds: float | None) -> float | None:
    """Convert to milliseconds, to the kernel's microsecond; None stays None."""
    return None if seconds is None else round(seconds * 1000, 3)
