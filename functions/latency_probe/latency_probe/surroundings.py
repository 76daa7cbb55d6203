"""What the host allows and how it slows a process down, for the log of a first run."""

import socket
from dataclasses import dataclass
from time import perf_counter, thread_time

from . import tcp
from .methods import icmp_is_possible
from .reply import Endpoint
from .summary import summarize

_WATCH_SECONDS = 0.05  # longer than the 20 ms in which Lambda hands out CPU time
_HANDSHAKES = 5


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The findings; `overhead_seconds` is None where a process cannot even call itself."""

    icmp_possible: bool
    cpu_share: float
    overhead_seconds: float | None


def survey() -> Surroundings:
    """Look at this host, in about 50 ms; never raises for what it finds."""
    return Surroundings(icmp_is_possible(), cpu_share(), overhead_seconds())


def cpu_share() -> float:
    """Measure the part of one core that a busy thread gets, from 0 to 1."""
    started, used = perf_counter(), thread_time()
    while perf_counter() - started < _WATCH_SECONDS:
        pass
    return min(1.0, (thread_time() - used) / (perf_counter() - started))


def overhead_seconds() -> float | None:
    """Measure what the user's clock adds to a handshake, over loopback."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            endpoint = Endpoint(socket.AF_INET, server.getsockname())
            return summarize([tcp.probe(endpoint, 0.1) for _ in range(_HANDSHAKES)]).overhead
    except OSError:
        return None
