"""`python -m operations.measure`, as a person runs it from a clean checkout."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from latency_probe.probes.reply import Endpoint

from operations.project import ROOT
from tests.unit.latency_probe.conftest import PATH, closed_port, full_port, open_port

__all__ = ["closed_port", "full_port", "open_port"]  # fixtures

QUICK = ("--samples", "3", "--interval", "0", "--timeout", "0.05")

# Without site-packages (-S) and with one variable: no Powertools, no icmplib, no AWS settings.
COMMAND = (sys.executable, "-S", "-m", "operations.measure")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with *arguments*."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=PATH,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def text_of(endpoint: Endpoint) -> str:
    """Write *endpoint* as a target."""
    return f"{endpoint.address[0]}:{endpoint.address[1]}"


def test_it_prints_a_table_with_a_line_for_each_target(
    open_port: Endpoint, closed_port: Endpoint
) -> None:
    """The way to try the function's core by hand."""
    finished = command(*QUICK, text_of(open_port), text_of(closed_port))

    header, alive, refused = finished.stdout.splitlines()
    assert header.split()[:3] == ["TARGET", "STATUS", "MEDIAN"]
    assert alive.split()[:2] == [text_of(open_port), "ok"]
    assert alive.split()[-1] == "kernel"
    assert float(alive.split()[2]) > 0
    assert refused.split()[:2] == [text_of(closed_port), "refused"]
    assert finished.returncode == 1


def test_json_lists_the_targets_in_the_order_asked(
    open_port: Endpoint, closed_port: Endpoint, full_port: Endpoint
) -> None:
    """A script pairs answers with questions by their place, repeated targets too."""
    asked = [text_of(one) for one in (full_port, open_port, closed_port, open_port)]

    finished = command("--json", *QUICK, *asked)

    targets = json.loads(finished.stdout)["targets"]
    assert [target["target"] for target in targets] == asked
    assert [target["status"] for target in targets] == ["timeout", "ok", "refused", "ok"]
    assert [target["source"] for target in targets] == [None, "kernel", "user", "kernel"]
    assert targets[0]["latency_ms"] is None
    assert all(target["latency_ms"] > 0 for target in targets[1:])


def test_it_succeeds_when_every_target_is_ok(open_port: Endpoint) -> None:
    """So that a script can wait for a target."""
    assert command(*QUICK, text_of(open_port)).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "HOST:PORT"),
        (["localhost"], "the port is missing"),
        (["127.0.0.1:1", "--samples", "100"], "from 1 to 99"),
        (["127.0.0.1:1", "--timeout", "5"], "below 1 second"),
        (["127.0.0.1:1", "--method", "udp"], "invalid choice: 'udp'"),
        (["127.0.0.1:1", "--method", "icmp"], "needs the package icmplib"),
    ],
)
def test_wrong_usage_says_what_to_write(arguments: list[str], message: str) -> None:
    """Nothing is measured, and the exit status differs from that of a dead target."""
    finished = command(*arguments)

    assert finished.returncode == 2
    assert message in finished.stderr
    assert finished.stdout == ""


def test_help_tells_the_exit_statuses() -> None:
    """Scripts depend on them."""
    finished = command("--help")

    assert finished.returncode == 0
    told = " ".join(finished.stdout.split())
    assert "0 every target is ok, 1 at least one is not, 2 wrong usage, 130 interrupted" in told


def test_an_interrupt_ends_it_at_once_and_quietly(full_port: Endpoint) -> None:
    """Ctrl-C on a dead target must not wait for its timeouts nor print a traceback."""
    with subprocess.Popen(
        [*COMMAND, "--timeout", "0.9", text_of(full_port)],
        cwd=ROOT,
        env=os.environ | PATH | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_it_sleeps_through_a_probe_of(full_port, process)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=4)  # its timeouts would take 4.5 s more

    assert (process.returncode, output, errors) == (130, "", "interrupted\n")


def wait_until_it_sleeps_through_a_probe_of(
    endpoint: Endpoint, process: subprocess.Popen[str]
) -> None:
    """Return when a second probe of *endpoint* is under way, and the main thread did not wake.

    Python defers a signal that arrives just before a thread begins to wait until the wait is over.
    A busy machine can stop the main thread at that very point, while its first probe is under way.
    """
    begun, before = set[str](), ""
    while True:
        probes, now = probes_of(endpoint), state_of_main_thread(process)
        if now != before or not begun:
            begun, before = probes, now
        elif probes - begun and "State:\tS" in now:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            pytest.fail(f"it ended by itself: {process.wait(0.02)}")


def probes_of(endpoint: Endpoint) -> set[str]:
    """Return the local ends of the handshakes with *endpoint* that are under way."""
    remote_port, syn_sent = f":{endpoint.address[1]:04X}", "02"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    return {row[1] for row in rows if row[2].endswith(remote_port) and row[3] == syn_sent}


def state_of_main_thread(process: subprocess.Popen[str]) -> str:
    """Return whether the main thread of *process* sleeps, and how often it has been switched."""
    status = Path(f"/proc/{process.pid}/task/{process.pid}/status").read_text().splitlines()
    return "\n".join(line for line in status if line.startswith("State") or "ctxt" in line)
