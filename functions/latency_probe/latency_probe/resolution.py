"""The address of a target's name, looked up once per run and within a time limit."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .probes.reply import Endpoint
from .target import Target

type Lookup = Callable[..., list[tuple[Any, ...]]]


class ResolutionError(Exception):
    """The name has no address now; the message is the resolver's."""


def resolve(
    target: Target, timeout_seconds: float, lookup: Lookup = socket.getaddrinfo
) -> Endpoint:
    """Return the first address of *target*, within *timeout_seconds*; raise `ResolutionError`."""
    if target.is_address:
        return _look_up(target, socket.AI_NUMERICHOST, lookup)

    # The resolver cannot be interrupted, so it gets a thread that nobody waits for.
    executor = ThreadPoolExecutor(1)
    try:
        # Without ADDRCONFIG a host without IPv6 would be given IPv6 addresses to fail on.
        answer = executor.submit(_look_up, target, socket.AI_ADDRCONFIG, lookup)
        return answer.result(timeout_seconds)
    except TimeoutError:
        raise ResolutionError(f"no answer within {timeout_seconds:g} s") from None
    finally:
        executor.shutdown(wait=False)


def _look_up(target: Target, flags: int, lookup: Lookup) -> Endpoint:
    try:
        found = lookup(target.host, target.port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label longer than DNS has room for
        raise ResolutionError(str(error.args[-1])) from error
    family, _, _, _, address = found[0]
    return Endpoint(family, address)
