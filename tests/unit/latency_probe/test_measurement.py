"""Runs over several targets."""

import time
from collections import Counter
from itertools import count
from threading import Barrier

import pytest
from latency_probe.measurement import Measurement, measure
from latency_probe.probes import tcp
from latency_probe.probes.methods import Choice, choose
from latency_probe.probes.reply import Endpoint, Reply, Source, Status
from latency_probe.resolution import ResolutionError
from latency_probe.sampling import Plan
from latency_probe.target import Target

QUICK = Plan(sample_count=8, interval_seconds=0.001, timeout_seconds=0.05)
TCP = choose("tcp")


def target_at(endpoint: Endpoint) -> Target:
    """Give the target at *endpoint*."""
    return Target(endpoint.address[0], endpoint.address[1])


def statuses(measurements: list[Measurement]) -> list[Status]:
    """Give each run's status."""
    return [measurement.summary.status for measurement in measurements]


def test_one_targets_failure_never_stops_the_others(
    open_port: Endpoint, closed_port: Endpoint, full_port: Endpoint
) -> None:
    """A failure is a measurement, and the answers come in the order asked."""
    targets = [
        target_at(full_port),
        target_at(open_port),
        target_at(closed_port),
        Target("255.255.255.255", 80),
    ]

    measurements = measure(targets, TCP, QUICK, 10.0)

    assert [measurement.target for measurement in measurements] == targets
    assert statuses(measurements) == [
        Status.TIMEOUT,
        Status.OK,
        Status.REFUSED,
        Status.NET_UNREACHABLE,
    ]


def test_a_name_that_has_no_address_is_measured_as_lost(open_port: Endpoint) -> None:
    """All lost, nothing sent, the resolver's words, and nobody else is disturbed."""

    def resolver(target: Target, timeout_seconds: float) -> Endpoint:
        if target.host == "nowhere.invalid":
            raise ResolutionError("Name or service not known")
        return open_port

    targets = [Target("nowhere.invalid", 80), target_at(open_port)]
    measurement, other = measure(targets, TCP, QUICK, 10.0, resolver=resolver)

    summary = measurement.summary
    assert (summary.status, summary.sent, summary.loss_ratio) == (Status.DNS_FAILURE, 0, 1.0)
    assert summary.round_trips == []
    assert (measurement.address, summary.error) == (None, "Name or service not known")
    assert measurement.resolution_seconds is not None
    assert other.summary.status is Status.OK


def test_a_name_is_resolved_once_a_run_and_timed_apart(open_port: Endpoint) -> None:
    """Resolving for each sample would load the resolver and mix two latencies."""
    asked: list[Target] = []

    def resolver(target: Target, timeout_seconds: float) -> Endpoint:
        asked.append(target)
        return open_port

    (measurement,) = measure([Target("db.internal", 80)], TCP, QUICK, 10.0, resolver=resolver)

    assert len(asked) == 1
    assert measurement.resolution_seconds is not None
    assert measurement.address == "127.0.0.1"
    assert measurement.summary.sent == 8


def test_an_address_has_no_resolution_time(open_port: Endpoint) -> None:
    """Nothing was asked, which is not the same as an answer in 0 ms."""
    (measurement,) = measure([target_at(open_port)], TCP, QUICK, 10.0)

    assert measurement.resolution_seconds is None


def test_dead_targets_wait_side_by_side_and_only_for_five_timeouts() -> None:
    """One after the other, three of them would hold everybody up three times as long."""
    dead = {7, 8, 9}
    sent_to = Counter[int]()
    all_dead_waiting = Barrier(len(dead))

    def method(endpoint: Endpoint, timeout_seconds: float) -> Reply:
        port = endpoint.address[1]
        sent_to[port] += 1
        if port not in dead:
            return Reply(Status.OK, port / 1000, Source.KERNEL, 0.0)
        all_dead_waiting.wait(timeout=30)  # raises unless the others come here meanwhile
        return Reply(Status.TIMEOUT)

    targets = [Target("127.0.0.1", port) for port in range(1, 11)]
    measurements = measure(targets, Choice("fake", method), QUICK, 60.0)

    assert statuses(measurements) == [Status.OK] * 6 + [Status.TIMEOUT] * 3 + [Status.OK]
    assert {sent_to[port] for port in dead} == {1 + 5}
    assert {sent_to[port] for port in set(range(1, 11)) - dead} == {1 + 8}


def test_a_spent_budget_is_a_local_error_and_no_figure() -> None:
    """Nothing is known about a target that there was no time to probe."""
    (measurement,) = measure([Target("127.0.0.1", 1)], TCP, QUICK, 0.0)

    assert (measurement.summary.status, measurement.summary.sent) == (Status.LOCAL_ERROR, 0)
    assert measurement.summary.error == "the time budget was used up"
    assert measurement.summary.round_trips == []


def test_an_error_of_the_code_is_not_taken_for_a_failure_of_the_network() -> None:
    """It must reach the caller: Lambda's error metric is there for that."""

    def broken(endpoint: Endpoint, timeout_seconds: float) -> Reply:
        raise AssertionError("a bug")

    with pytest.raises(AssertionError, match="a bug"):
        measure([Target("127.0.0.1", 1)], Choice("broken", broken), QUICK, 10.0)


def test_an_hours_step_of_the_wall_clock_changes_no_figure(
    open_port: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Probes that read the wall clock have reported -4999 ms after a step of 5 s."""
    probed = count(1)
    hour = 3600.0
    true_time = time.time

    def stepping(endpoint: Endpoint, timeout_seconds: float) -> Reply:
        reply = tcp.probe(endpoint, timeout_seconds)
        if next(probed) == 5:
            monkeypatch.setattr(time, "time", lambda: true_time() - hour)
            monkeypatch.setattr(time, "time_ns", lambda: time.time() * 10**9)
        return reply

    started = time.perf_counter()
    (measurement,) = measure([target_at(open_port)], Choice("tcp", stepping), QUICK, 10.0)
    elapsed = time.perf_counter() - started

    summary = measurement.summary
    assert (summary.status, summary.sent, summary.answered) == (Status.OK, 8, 8)
    assert all(0 < trip < elapsed for trip in summary.round_trips)
