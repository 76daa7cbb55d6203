"""A validator in a process of its own, of which the handler alone is measured."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from typing import IO, Any, Self

from .contenders import HERE, Contender, StubAws, email, environment, post
from .packages import PYTHON

type Event = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """Figures of one call: CPU of the handler and of the whole call, wall time, memory, log."""

    cpu_ms: float
    whole_cpu_ms: float
    wall_ms: float
    peak_mb: float
    log_bytes: float
    status: int
    queued: list[int]


class Handler:
    """One environment of *contender*, warmed up by an ordinary message."""

    def __init__(
        self, contender: Contender, event: Event, stub: StubAws, remaining_ms: int = 15_000
    ) -> None:
        reading, writing = os.pipe()
        job = {
            "package": str(contender.package),
            "module": contender.module,
            "warm_up": json.dumps(post(email())),
            "event": json.dumps(event),
            "remaining_ms": remaining_ms,
            "results": writing,
        }
        self._log: IO[str] = tempfile.TemporaryFile("w")  # noqa: SIM115 - closed at the end
        self._process = subprocess.Popen(
            [PYTHON, "-I", "-B", "-W", "ignore", str(HERE / "handler_worker.py")],
            env=environment(contender, stub),
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=self._log,
            text=True,
        )
        os.close(writing)
        self._results = os.fdopen(reading)
        self.pid = self._process.pid
        self._say(json.dumps(job))
        self._results.readline()

    def call(self, calls: int = 1) -> Taken:
        """Make *calls*; return what one took."""
        self._say(str(calls))
        return Taken(**json.loads(self._results.readline()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._results.close()
        self._log.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin
        print(line, file=self._process.stdin, flush=True)
