"""The TCP method, on real sockets of this machine."""

import os
import resource
import socket
from pathlib import Path
from time import perf_counter

import pytest
from latency_probe.probes import tcp
from latency_probe.probes.reply import Endpoint, Source, Status


@pytest.mark.parametrize("fixture", ["open_port", "open_port_v6"])
def test_an_open_port_is_timed_by_the_kernel(fixture: str, request: pytest.FixtureRequest) -> None:
    """The kernel's time is shorter than any that was taken around it, and above 0."""
    endpoint = request.getfixturevalue(fixture)

    started = perf_counter()
    reply = tcp.probe(endpoint, 0.9)
    elapsed = perf_counter() - started

    assert (reply.status, reply.source) == (Status.OK, Source.KERNEL)
    assert reply.round_trip_seconds is not None
    assert reply.overhead_seconds is not None
    assert 0 < reply.round_trip_seconds < elapsed
    assert reply.round_trip_seconds + reply.overhead_seconds < elapsed


def test_the_kernels_time_is_a_whole_number_of_microseconds(open_port: Endpoint) -> None:
    """So it does come from the kernel, not from a clock of Python's."""
    reply = tcp.probe(open_port, 0.9)

    assert reply.round_trip_seconds is not None
    microseconds = reply.round_trip_seconds * 1_000_000
    assert microseconds == pytest.approx(round(microseconds), abs=1e-6)


def test_a_closed_port_is_refused_and_timed_by_the_user(closed_port: Endpoint) -> None:
    """A refusal is an answer too, but the kernel keeps no time for it."""
    reply = tcp.probe(closed_port, 0.9)

    assert (reply.status, reply.source) == (Status.REFUSED, Source.USER)
    assert reply.round_trip_seconds is not None
    assert reply.round_trip_seconds > 0
    assert reply.overhead_seconds is None


def test_a_full_accept_queue_is_a_timeout_without_a_time(full_port: Endpoint) -> None:
    """Nothing came back, so there is no round trip, not one of 0 or of the timeout."""
    started = perf_counter()
    reply = tcp.probe(full_port, 0.05)
    elapsed = perf_counter() - started

    assert (reply.status, reply.round_trip_seconds, reply.source) == (Status.TIMEOUT, None, None)
    assert 0.05 <= elapsed < 0.5


def test_a_probe_leaves_no_connection_behind(open_port: Endpoint) -> None:
    """Local ports held for a minute each would run out at a few hundred probes a second."""
    tcp.probe(open_port, 0.9)

    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    remote_port = f":{open_port.address[1]:04X}"
    assert [row for row in rows if row[2].endswith(remote_port)] == []


def test_a_process_out_of_descriptors_reports_a_local_error(open_port: Endpoint) -> None:
    """It says nothing about the target, and must not end the run of the others."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))

    try:
        reply = tcp.probe(open_port, 0.9)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert (reply.status, reply.round_trip_seconds) == (Status.LOCAL_ERROR, None)
    assert "Too many open files" in str(reply.error)


def test_segment_is_as_large_as_the_link_allows_unless_somebody_limits_it(
    open_port: Endpoint,
) -> None:
    """A tunnel or a smaller MTU shows in the handshake, without one packet more."""
    with socket.create_server(("127.0.0.1", 0)) as clamped:
        clamped.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
        limited = tcp.probe(Endpoint(clamped.family, clamped.getsockname()), 0.9).segment

    whole = tcp.probe(open_port, 0.9).segment

    assert limited is not None
    assert limited.limit == "path"
    assert 1000 - 40 <= limited.size <= 1000  # less the room for TCP options
    assert whole is not None
    assert whole.limit == "host"


def test_refusal_says_nothing_about_the_segment(closed_port: Endpoint) -> None:
    """No handshake, no announcement."""
    assert tcp.probe(closed_port, 0.9).segment is None
