"""Processes that outlive the command that started them, and that only their own folder ends."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.project import ROOT

from .local_stack import StackError

GRACE_SECONDS = 10.0
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Service:
    """A process in the background, known by a locked file.

    The process holds the lock for as long as it lives, so that a process number that was given to
    somebody else since is never taken for ours.
    """

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """Return where the process writes."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start *command* in a session of its own, with its output in the log."""
        with locked(self._file) as lock, self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock],
            )
            os.pwrite(lock, f"{process.pid:<10}\n".encode(), 0)
        return process

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run *command* to its end, or to ours; return its exit status."""
        process = self.start(command, environment)
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    @property
    def alive(self) -> bool:
        """Return whether the process still runs."""
        if not self._file.exists():
            return False
        try:
            with locked(self._file):
                return False
        except BlockingIOError:
            return True

    def stop(self) -> None:
        """End the process and its children, if it still runs."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.alive:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(int(self._file.read_text()), number)
                self._wait()
        if self.alive:
            raise StackError(f"The {self.name} does not end: see {self.log}")

    def _wait(self) -> None:
        deadline = time.monotonic() + GRACE_SECONDS
        while self.alive and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock of *path*; `BlockingIOError` when another process has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)
