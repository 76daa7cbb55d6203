"""Measurements as CloudWatch metrics: every line against AWS's published rules."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import jsonschema
import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Segment, Source, Status
from latency_probe.sampling import MOST_SAMPLES
from latency_probe.summary import Summary, summarize
from latency_probe.target import Target
from latency_probe.telemetry import publish, publish_shared

RULES = json.loads(Path(__file__).with_name("emf_rules.json").read_text())
LARGEST_LOG_EVENT = 256 * 1024
FORTNIGHT_MS, TWO_HOURS_MS = 14 * 86_400_000, 2 * 3_600_000

ANSWER = Reply(Status.OK, 0.000341, Source.KERNEL, 0.0001, segment=Segment(1348, "path"))
REFUSAL = Reply(Status.REFUSED, 0.0005, Source.USER, error="Connection refused")
TIMEOUT = Reply(Status.TIMEOUT, error="Connection timed out")
UNRESOLVED = Summary(Status.DNS_FAILURE, None, 0, 0, (), None, "Name or service not known")

RUNS = {
    "ok": summarize([ANSWER] * 20),
    "longest": summarize([ANSWER] * MOST_SAMPLES),
    "one sample": summarize([ANSWER]),
    "degraded": summarize([ANSWER, TIMEOUT, ANSWER, REFUSAL]),
    "refused": summarize([REFUSAL] * 20),
    "timeout": summarize([TIMEOUT] * 5),
    "dns_failure": UNRESOLVED,
}


def metrics() -> EphemeralMetrics:
    """Return a sink as the handler makes it."""
    sink = EphemeralMetrics(namespace="Weir", service="latency_probe")
    sink.set_default_dimensions(stage="dev")
    return sink


def measurement_of(summary: Summary) -> Measurement:
    """Return the measurement of one run."""
    address = "2001:db8::1" if summary.sent else None
    return Measurement(Target("2001:db8::1", 7), "tcp", time(), summary, address, None)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[Summary], list[str]]:
    """Publish one run and give the lines that this writes to the log stream."""

    def written(summary: Summary) -> list[str]:
        publish(measurement_of(summary), 3.5, "euc1-az2", metrics())
        return capsys.readouterr().out.splitlines()

    return written


type Lines = Callable[[Summary], list[str]]


def assert_follows_the_rules(line: str) -> None:
    """Check one EMF line as CloudWatch Logs does when it extracts metrics."""
    assert len(line.encode()) <= LARGEST_LOG_EVENT
    document = json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    jsonschema.validate(document, RULES)
    age_ms = time() * 1000 - document["_aws"]["Timestamp"]
    assert -TWO_HOURS_MS < age_ms < FORTNIGHT_MS
    for directive in document["_aws"]["CloudWatchMetrics"]:
        names = [metric["Name"] for metric in directive["Metrics"]]
        assert len(set(names)) == len(names)
        for name in names:
            jsonschema.validate(document[name], RULES["$defs"]["metricValue"])
            assert all(math.isfinite(value) for value in document[name])
        for dimension in {name for names in directive["Dimensions"] for name in names}:
            jsonschema.validate(document[dimension], RULES["$defs"]["dimensionValue"])


@pytest.mark.parametrize("name", sorted(RUNS))
def test_every_run_is_one_line_that_follows_awss_rules(name: str, lines: Lines) -> None:
    """CloudWatch drops a line that breaks them without a word to anybody."""
    (line,) = lines(RUNS[name])

    assert_follows_the_rules(line)


@pytest.mark.parametrize(
    ("broken", "by"),
    [
        ("101 values", lambda one: one["RoundTripTime"].extend([0.3] * 101)),
        ("no value", lambda one: one.update(RoundTripTime=[])),
        ("a value that is no number", lambda one: one.update(PacketLoss=[None])),
        ("an unknown unit", lambda one: directive(one)["Metrics"][0].update(Unit="Minutes")),
        ("a dimension of no value", lambda one: one.update(target="")),
        ("a dimension that is no text", lambda one: one.update(target=7)),
        (
            "31 dimensions",
            lambda one: directive(one)["Dimensions"][0].extend(str(n) for n in range(31)),
        ),
        ("no namespace", lambda one: directive(one).pop("Namespace")),
        ("an AWS namespace", lambda one: directive(one).update(Namespace="AWS/Lambda")),
        ("a time in seconds", lambda one: one["_aws"].update(Timestamp=int(time()))),
    ],
)
def test_the_rules_would_notice(
    broken: str, by: Callable[[dict[str, Any]], None], lines: Lines
) -> None:
    """A check that accepts everything would be worth nothing."""
    document = json.loads(lines(RUNS["ok"])[0])

    by(document)

    with pytest.raises((jsonschema.ValidationError, AssertionError)):
        assert_follows_the_rules(json.dumps(document))


def directive(document: dict[str, Any]) -> dict[str, Any]:
    """Give the one metric directive of a line."""
    (only,) = document["_aws"]["CloudWatchMetrics"]
    assert isinstance(only, dict)
    return only


def test_a_run_is_published_with_every_sample_of_its_own(lines: Lines) -> None:
    """CloudWatch computes any percentile from the samples, and none from a mean."""
    document = json.loads(lines(RUNS["longest"])[0])

    assert document["RoundTripTime"] == pytest.approx([0.341] * 99)
    assert (document["PacketLoss"], document["TargetReachable"]) == ([0], [1])


def test_jitter_and_overhead_are_metrics_of_all_targets_together(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    """A series for each target is paid for by the month; a property of its line is not."""
    of_the_target = json.loads(lines(RUNS["ok"])[0])

    publish_shared([measurement_of(RUNS["ok"])] * 2, [None, None], metrics())

    (line,) = capsys.readouterr().out.splitlines()
    assert_follows_the_rules(line)
    of_all = json.loads(line)
    assert of_all["Jitter"] == pytest.approx([0, 0])
    assert of_all["ProbeOverhead"] == pytest.approx([0.1, 0.1])
    assert of_the_target["ProbeOverhead"] == pytest.approx(0.1)
    named = {metric["Name"] for metric in directive(of_the_target)["Metrics"]}
    assert named == {"RoundTripTime", "PacketLoss", "TargetReachable"}


def test_a_dead_target_is_all_lost_and_has_no_round_trip(lines: Lines) -> None:
    """The alarms need a value, and a round trip of 0 would be the best of all."""
    document = json.loads(lines(RUNS["timeout"])[0])

    assert (document["PacketLoss"], document["TargetReachable"]) == ([100], [0])
    assert not {"RoundTripTime", "Jitter", "ProbeOverhead"} & document.keys()


def test_a_target_that_refuses_is_reachable(lines: Lines) -> None:
    """A refusal by RST crossed the network and back; the alarm is about the network."""
    document = json.loads(lines(RUNS["refused"])[0])

    assert (document["PacketLoss"], document["TargetReachable"]) == ([0], [1])


def test_only_stage_service_and_target_are_dimensions(lines: Lines) -> None:
    """Each further one would make more series, which cost money, and break the alarms."""
    document = json.loads(lines(RUNS["refused"])[0])

    assert [set(names) for names in directive(document)["Dimensions"]] == [
        {"stage", "service", "target"},
        {"stage", "service"},
    ]
    assert (document["service"], document["target"]) == ("latency_probe", "[2001:db8::1]:7")


def test_the_reason_method_zone_and_source_are_properties(lines: Lines) -> None:
    """Logs Insights finds them beside the metrics."""
    document = json.loads(lines(RUNS["refused"])[0])

    assert (document["status"], document["error"]) == ("refused", "Connection refused")
    assert (document["method"], document["source"]) == ("tcp", "user")
    assert (document["az_id"], document["address"]) == ("euc1-az2", "2001:db8::1")


def test_change_and_segment_are_properties_of_the_targets_line(lines: Lines) -> None:
    """The query that the runbook names finds the target; a metric of each would be paid for."""
    document = json.loads(lines(RUNS["ok"])[0])

    assert document["round_trip_change"] == 3.5
    assert (document["segment_bytes"], document["segment_limit"]) == (1348, "path")
    assert "RoundTripChange" not in document


def test_worst_change_of_all_targets_is_one_metric_of_the_service(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One metric and one alarm, however many targets there are."""
    publish_shared([], [1.1, None, 3.5, 0.9], metrics())

    (line,) = capsys.readouterr().out.splitlines()
    assert_follows_the_rules(line)
    document = json.loads(line)
    assert document["RoundTripChange"] == [3.5]
    assert [set(names) for names in directive(document)["Dimensions"]] == [{"stage", "service"}]


def test_nothing_is_published_while_no_change_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A new environment has no past: 1 would claim that all is as usual."""
    publish_shared([measurement_of(RUNS["timeout"])], [None, None], metrics())

    assert capsys.readouterr().out == ""
