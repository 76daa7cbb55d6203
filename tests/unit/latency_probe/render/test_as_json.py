"""Measurements as JSON."""

import json

from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Segment, Source, Status
from latency_probe.render.as_json import as_json, describe
from latency_probe.summary import summarize
from latency_probe.target import Target

ANSWERED = Measurement(
    target=Target("10.90.0.5", 7),
    method="tcp",
    taken_at=1_756_468_800.25,
    summary=summarize(
        [
            Reply(Status.OK, 0.000341, Source.KERNEL, 0.0001, segment=Segment(1448, "host")),
            Reply(Status.TIMEOUT),
            Reply(Status.OK, 0.000343, Source.KERNEL, 0.0001),
            Reply(Status.OK, 0.000351, Source.KERNEL, 0.0001),
        ]
    ),
    address="10.90.0.5",
    resolution_seconds=None,
)
DEAD = Measurement(
    target=Target("::1", 7),
    method="tcp",
    taken_at=1_756_468_800.25,
    summary=summarize([Reply(Status.TIMEOUT, error="Connection timed out")]),
    address="::1",
    resolution_seconds=None,
)


def test_a_target_is_described_in_milliseconds() -> None:
    """Each figure of the design, under its name."""
    assert describe(ANSWERED, "euc1-az2") == {
        "target": "10.90.0.5:7",
        "status": "degraded",
        "latency_ms": 0.343,
        "min_ms": 0.341,
        "mean_ms": 0.345,
        "median_ms": 0.343,
        "p95_ms": 0.351,
        "max_ms": 0.351,
        "stddev_ms": 0.005,
        "jitter_ms": 0.008,
        "loss_percent": 25.0,
        "sent": 4,
        "answered": 3,
        "method": "tcp",
        "source": "kernel",
        "overhead_ms": 0.1,
        "resolution_ms": None,
        "address": "10.90.0.5",
        "error": None,
        "segment_bytes": 1448,
        "segment_limit": "host",
        "samples_ms": [0.341, None, 0.343, 0.351],
        "az_id": "euc1-az2",
        "timestamp": "2025-08-29T12:00:00.250Z",
    }


def test_a_dead_target_has_null_for_every_time() -> None:
    """A consumer that averages would take 0 for an excellent network."""
    described = describe(DEAD)

    times = {name for name in described if name.endswith("_ms")} - {"samples_ms"}
    assert {described[name] for name in times} == {None}
    assert (described["status"], described["loss_percent"]) == ("timeout", 100.0)
    assert described["target"] == "[::1]:7"


def test_the_first_target_is_the_headline() -> None:
    """Whoever asks for one number gets the first target's."""
    whole = as_json([DEAD, ANSWERED], None)

    assert (whole["latency_ms"], whole["status"], whole["target"]) == (None, "timeout", "[::1]:7")
    assert [target["target"] for target in whole["targets"]] == ["[::1]:7", "10.90.0.5:7"]


def test_a_document_is_plain_json() -> None:
    """Lambda serializes what the handler returns, and does not know the probe's enumerations."""
    whole = as_json([ANSWERED, DEAD], None)

    assert json.loads(json.dumps(whole)) == whole
