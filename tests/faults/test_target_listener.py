"""The listener that the template gives its targets, under connections that are reset."""

import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from latency_probe.measurement import measure
from latency_probe.probes.methods import choose
from latency_probe.sampling import Plan
from latency_probe.target import parse_targets

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
CONNECTIONS = 100_000
WARM_UP = 5_000
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
LOOPBACK = "127.0.0.1"
MOST_OPEN = 50  # connections at once, of those that are reset only after a while


@dataclass(frozen=True)
class Listener:
    """The running listener."""

    pid: int
    port: int

    @property
    def resident_pages(self) -> int:
        """Return how many pages of memory it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])

    @property
    def open_files(self) -> int:
        """Return how many descriptors it holds."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    @property
    def children(self) -> str:
        """Return the processes that it has started and not yet buried."""
        return Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    """Start the listener that UserData writes to a target, on a free port."""
    found = re.search(r"listen\.py <<LISTEN\n(.*?)\n +LISTEN\n", TEMPLATE.read_text(), re.DOTALL)
    assert found, "the template gives its targets another listener"
    script = tmp_path / "listen.py"
    script.write_text(dedent(found[1]))
    with socket.create_server((LOOPBACK, 0)) as reserved:
        port = reserved.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-I", script, str(port)])
    try:
        while process.poll() is None:
            with socket.socket() as connection:
                if connection.connect_ex((LOOPBACK, port)) == 0:
                    break
        yield Listener(process.pid, port)
    finally:
        process.kill()
        process.wait()


def reset_connections(listener: Listener, count: int, chance: random.Random) -> None:
    """Make *count* connections, and reset each at a moment of its own.

    Some are reset before the listener has taken them (it is stopped meanwhile), some while it hangs
    up, some long after. A handshake that is cut off is the kernel's alone: no listener hears of it.
    """
    held: list[socket.socket] = []
    for number in range(count):
        if number % 1_000 == 0:
            os.kill(listener.pid, signal.SIGSTOP)
        if number % 1_000 == 300:
            os.kill(listener.pid, signal.SIGCONT)
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        connection.setblocking(False)
        connection.connect_ex((LOOPBACK, listener.port))
        if chance.random() < 0.3:
            held.append(connection)
        else:
            connection.close()
        if len(held) > MOST_OPEN:
            held.pop(chance.randrange(MOST_OPEN)).close()
    os.kill(listener.pid, signal.SIGCONT)
    for connection in held:
        connection.close()


def test_nothing_is_left_of_a_hundred_thousand_connections(listener: Listener) -> None:
    """Two targets answer 28,800 connections a day each, for a year, on 512 MB.

    Under systemd itself (252, in namespaces, the whole of UserData) 100,000 such connections left
    no failed unit and no further one, and the listener at 10,204 kB; the echo unit of 0.1.0 left
    169 failed units of 600 connections.
    """
    chance = random.Random(20260715)  # noqa: S311
    reset_connections(listener, WARM_UP, chance)
    pages, files = listener.resident_pages, listener.open_files

    reset_connections(listener, CONNECTIONS, chance)

    [measured] = measure(
        parse_targets(f"{LOOPBACK}:{listener.port}"), choose("tcp"), Plan(20, 0, 0.9), 5
    )
    assert measured.summary.answered == 20
    assert measured.summary.status == "ok"
    assert listener.resident_pages <= pages
    assert listener.open_files <= files
    assert listener.children == ""
