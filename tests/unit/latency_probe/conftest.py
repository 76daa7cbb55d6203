"""Sockets and network namespaces to probe: nothing here leaves this machine."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest
from latency_probe.probes.reply import Endpoint

from operations.project import ROOT

PATH = {"PYTHONPATH": str(ROOT / "functions" / "latency_probe")}


@pytest.fixture
def open_port() -> Iterator[Endpoint]:
    """Listen on the IPv4 loopback with room for every probe."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield Endpoint(server.family, server.getsockname())


@pytest.fixture
def open_port_v6() -> Iterator[Endpoint]:
    """Listen on the IPv6 loopback; skip where the host has none."""
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=128)
    except OSError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")
    with server:
        yield Endpoint(server.family, server.getsockname())


@pytest.fixture
def closed_port() -> Iterator[Endpoint]:
    """Take a port, so that nobody else opens it, and do not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield Endpoint(taken.family, taken.getsockname())


@pytest.fixture
def full_port() -> Iterator[Endpoint]:
    """Listen with a full accept queue, so that the kernel drops what comes next."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),
    ):
        yield Endpoint(server.family, server.getsockname())


@pytest.fixture
def in_namespace() -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a shell script in a network namespace of its own, where nothing can be sent out."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("needs unshare (util-linux) and ip (iproute2)")
    enter = ["unshare", "--map-root-user", "--net"]
    trial = subprocess.run([*enter, "true"], capture_output=True, text=True, check=False)
    if trial.returncode:
        pytest.skip(f"no namespaces here: {trial.stderr.strip()}")

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = [*enter, "sh", "-euc", script]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | PATH,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
