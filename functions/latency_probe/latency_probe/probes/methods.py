"""The ways to measure a round trip, by name."""

import socket
from importlib.util import find_spec
from typing import NamedTuple

from . import tcp
from .reply import Endpoint, Method, Reply


def probe_by_icmp(endpoint: Endpoint, timeout_seconds: float) -> Reply:
    """Send one echo request; load icmplib only then."""
    from . import icmp  # icmplib loads asyncio, which TCP should not pay for at a cold start

    return icmp.probe(endpoint, timeout_seconds)


METHODS: dict[str, Method] = {"tcp": tcp.probe, "icmp": probe_by_icmp}
NAMES = (*METHODS, "auto")


class Choice(NamedTuple):
    """A method and the name under which it is reported."""

    name: str
    method: Method


class MethodError(ValueError):
    """The method cannot be used here: the message says what is missing."""


def choose(name: str) -> Choice:
    """Return the method called *name*; ``auto`` is ICMP where this host allows it, else TCP.

    Raise `MethodError` for an unknown name, and for ICMP without icmplib.
    """
    if name == "auto":
        name = "icmp" if icmp_is_possible() and find_spec("icmplib") else "tcp"
    if name not in METHODS:
        raise MethodError(f"{name!r} is not a method; write one of: {', '.join(NAMES)}")
    if name == "icmp" and not find_spec("icmplib"):
        raise MethodError("the method 'icmp' needs the package icmplib")
    return Choice(name, METHODS[name])


def icmp_is_possible() -> bool:
    """Return whether this process may make ICMP datagram sockets (on Lambda it may not)."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True
