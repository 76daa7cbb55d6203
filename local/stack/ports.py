"""The ports of a stack: several in a row, which all must be free."""

import random
import socket
from collections.abc import Callable

from .local_stack import HOST, PORTS, StackError

# Below the range out of which systems give ports to connections.
CANDIDATES = range(20_000, 32_000, PORTS)


def is_free(port: int) -> bool:
    """Return whether a server could listen on *port*."""
    with socket.socket() as probe:
        # As servers do; without it a connection that has just ended would look like one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def check_ports(first: int, is_free: Callable[[int], bool] = is_free) -> None:
    """Raise `StackError` for a port of the row from *first* that somebody has."""
    for port in range(first, first + PORTS):
        if not is_free(port):
            raise StackError(
                f"Port {port} of {HOST} is taken. End what has it, or name the first of {PORTS}"
                f" ports that are free: make up WEIR_PORT={first + 1000} (0 finds some)"
            )


def free_ports() -> int:
    """Return the first port of a row that nobody has."""
    for first in random.sample(CANDIDATES, len(CANDIDATES)):
        if all(is_free(port) for port in range(first, first + PORTS)):
            return first
    raise StackError(f"No {PORTS} ports in a row are free.")
