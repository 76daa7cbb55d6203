"""A stack ends its own processes, all of them, and nobody else's."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack.processes import Service, locked

PATIENT = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
INTERRUPTING = [
    sys.executable,
    "-c",
    "import os, signal; os.kill(os.getppid(), signal.SIGINT); signal.pause()",
]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, signal\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "print(child.pid, flush=True)\n"
    "signal.pause()",
]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Return a service that ends with the test."""
    (tmp_path / "logs").mkdir()
    service = Service("patient", tmp_path)
    yield service
    service.stop()


def test_process_lives_until_it_is_stopped(service: Service) -> None:
    """What `make up` starts stays up when the command is over."""
    process = service.start(PATIENT, {})

    assert service.alive
    service.stop()
    assert not service.alive
    assert process.wait() == -signal.SIGTERM


def test_children_end_with_their_parent(service: Service) -> None:
    """The emulator runs each function in a process of its own."""
    process = service.start(PARENT, {})
    with os.fdopen(os.open(service.log, os.O_RDONLY)) as log:
        while not (line := log.readline()):
            assert process.poll() is None
    child = os.pidfd_open(int(line))

    service.stop()

    assert select.select([child], [], [], 10)[0], "the child still runs"
    os.close(child)


def test_number_that_is_somebody_elses_now_is_left_alone(service: Service) -> None:
    """After a crash the number in the file may belong to any program."""
    other = subprocess.Popen(PATIENT, stdout=subprocess.DEVNULL, start_new_session=True)
    (service.folder / "patient.pid").write_text(f"{other.pid}\n")

    service.stop()

    assert other.poll() is None
    other.kill()
    other.wait()


def test_process_that_was_killed_is_not_alive(service: Service) -> None:
    """The next `make up` must not take a dead stack for a running one."""
    process = service.start(PATIENT, {})

    process.kill()
    process.wait()

    assert not service.alive


def test_command_that_is_interrupted_ends_what_it_ran(service: Service) -> None:
    """Ctrl-C during `sam build` leaves no build behind."""
    with pytest.raises(KeyboardInterrupt):
        service.run(INTERRUPTING, {})

    assert not service.alive


def test_file_has_one_holder_at_a_time(tmp_path: Path) -> None:
    """Two commands at once would each end what the other starts."""
    with locked(tmp_path / "lock"), pytest.raises(BlockingIOError), locked(tmp_path / "lock"):
        pass
