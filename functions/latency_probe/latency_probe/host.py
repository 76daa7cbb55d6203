"""Survey of the host for the log of a first run: what it allows, and how it slows the probe."""

import socket
from time import perf_counter, thread_time
from typing import Any

from .probes import tcp
from .probes.methods import icmp_is_possible
from .probes.reply import Endpoint
from .render.as_json import milliseconds
from .summary import summarize

WATCH_SECONDS = 0.05  # longer than the 20 ms in which Lambda hands out CPU time
HANDSHAKES = 5


def survey() -> dict[str, Any]:
    """Return what this host is like, in about 50 ms; raise nothing for what it finds."""
    return {
        "icmp_possible": icmp_is_possible(),
        "cpu_share": round(cpu_share(), 2),
        "overhead_ms": milliseconds(overhead_seconds()),
    }


def cpu_share() -> float:
    """Return the part of one core that a busy thread gets, from 0 to 1."""
    started, used = perf_counter(), thread_time()
    while perf_counter() - started < WATCH_SECONDS:
        pass
    return min(1.0, (thread_time() - used) / (perf_counter() - started))


def overhead_seconds() -> float | None:
    """Return what the user's clock adds to a handshake over loopback; None without loopback."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            endpoint = Endpoint(socket.AF_INET, server.getsockname())
            return summarize([tcp.probe(endpoint, 0.1) for _ in range(HANDSHAKES)]).overhead
    except OSError:
        return None
