"""Result of one probe, and the shape of every method that sends one."""

import socket
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal, NamedTuple


class Status(StrEnum):
    """Outcome of a probe or of a whole run; `DEGRADED` is for runs only."""

    OK = "ok"
    DEGRADED = "degraded"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    HOST_UNREACHABLE = "host_unreachable"
    NET_UNREACHABLE = "net_unreachable"
    PROHIBITED = "prohibited"
    DNS_FAILURE = "dns_failure"
    LOCAL_ERROR = "local_error"


class Source(StrEnum):
    """The clock that timed a round trip: the kernel's is exact whatever the load."""

    KERNEL = "kernel"
    USER = "user"


class Segment(NamedTuple):
    """The largest TCP segment to a target in bytes, and what limits it: its path, or this host."""

    size: int
    limit: Literal["host", "path"]


class Endpoint(NamedTuple):
    """A target's address, in the form that sockets take."""

    family: socket.AddressFamily
    address: tuple[Any, ...]


class Reply(NamedTuple):
    """One probe's outcome; `round_trip_seconds` is None if nothing came back.

    `overhead_seconds` is what the user's clock would have added, where the kernel's was read.
    """

    status: Status
    round_trip_seconds: float | None = None
    source: Source | None = None
    overhead_seconds: float | None = None
    error: str | None = None
    segment: Segment | None = None


type Method = Callable[[Endpoint, float], Reply]
"""Sends one probe to an endpoint and waits for so many seconds; a failure is a `Reply` too."""
