"""The ways to measure a round trip, by name."""

import socket
from importlib.util import find_spec
from typing import NamedTuple

from . import tcp
from .reply import Endpoint, Method, Reply


def _icmp(endpoint: Endpoint, timeout_seconds: float) -> Reply:
    from . import icmp  # icmplib loads asyncio, which TCP should not pay for at a cold start

    return icmp.probe(endpoint, timeout_seconds)


METHODS: dict[str, Method] = {"tcp": tcp.probe, "icmp": _icmp}
NAMES = (*METHODS, "auto")


class Choice(NamedTuple):
    """A method and the name under which it is reported."""

    name: str
    method: Method


class MethodError(ValueError):
    """The method cannot be used as things are: the message says what is missing."""


def choose(name: str) -> Choice:
    """Give the method called *name*; ``auto`` is ICMP where this host allows it, else TCP.

    Raises `MethodError` for a name that is none, and for ICMP without icmplib.
    """
    if name == "auto":
        name = "icmp" if icmp_is_possible() and find_spec("icmplib") else "tcp"
    if name not in METHODS:
        raise MethodError(f"{name!r} is no method; write one of: {', '.join(NAMES)}")
    if name == "icmp" and not find_spec("icmplib"):
        raise MethodError("the method 'icmp' needs the package icmplib")
    return Choice(name, METHODS[name])


def icmp_is_possible() -> bool:
    """Say whether this process may make ICMP datagram sockets (on Lambda it may not)."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True
