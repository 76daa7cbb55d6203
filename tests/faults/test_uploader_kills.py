"""What is lost when the function's process is killed: nothing."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

import pytest

from operations.project import ROOT
from tests.faults.conftest import environment
from tests.faults.edge import Edge
from tests.faults.messages import contents, sqs_record
from tests.faults.sqs import InvocationError, Poller, Queue, Record

KILLS = 50


class Function:
    """The uploader in a process of its own: started ahead, killed without a word."""

    def __init__(self, starter: IO[str], folder: Path) -> None:
        self._pipes = folder / "events", folder / "answers"
        folder.mkdir()
        for pipe in self._pipes:
            os.mkfifo(pipe)
        print(*self._pipes, file=starter, flush=True)

    def wait(self) -> Self:
        """Return when the process is ready for its first event."""
        self._events = self._pipes[0].open("w")
        self._answers = self._pipes[1].open()
        self._pid = int(self._answers.readline())
        return self

    def invoke(self, event: dict[str, Any], patience: float | None) -> dict[str, Any]:
        """Return the answer; kill the process if there is none after *patience* seconds."""
        print(json.dumps(event), file=self._events, flush=True)
        if not select.select([self._answers], [], [], patience)[0]:
            self.kill()
            raise InvocationError("killed")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        return answer

    def kill(self) -> None:
        """End the process as a failing host does; return when it is gone."""
        os.kill(self._pid, signal.SIGKILL)
        self._answers.read()
        self._answers.close()
        self._events.close()


class Environments:
    """Lambda's supply of execution environments, which replaces those that die."""

    def __init__(self, starter: IO[str], folder: Path) -> None:
        self._starter = starter
        self._folder = folder
        self._chance = random.Random(50)  # noqa: S311
        self.kills = 0
        self._running = self._start().wait()
        self._spare = self._start()
        self._usual_seconds = 0.0

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke the function, and kill it at a random instant while kills are left."""
        if not self._usual_seconds:
            start = time.perf_counter()
            answer = self._running.invoke(event, None)
            self._usual_seconds = time.perf_counter() - start
            return answer
        patience = None
        if self.kills < KILLS:
            patience = self._chance.uniform(0, self._usual_seconds)
        try:
            return self._running.invoke(event, patience)
        except InvocationError:
            self.kills += 1
            self._running = self._spare.wait()
            self._spare = self._start()
            raise

    def close(self) -> None:
        """End every process."""
        self._running.kill()
        self._spare.wait().kill()

    def _start(self) -> Function:
        return Function(self._starter, self._folder / uuid.uuid4().hex)


@pytest.fixture
def environments(edge: Edge, tmp_path: Path) -> Iterator[Environments]:
    """Start the function, and end it."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "functions" / "uploader")])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.function"],
        cwd=ROOT,
        env=environment(edge, "message") | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as starter:
        assert starter.stdin
        environments = Environments(starter.stdin, tmp_path)
        yield environments
        environments.close()


def test_killing_the_function_50_times_loses_nothing_and_stores_nothing_twice(
    edge: Edge, queue: Queue, environments: Environments
) -> None:
    """Kill -9 between any two instructions; the messages come again and find what is there."""
    records: list[Record] = []
    poller = Poller(queue, environments.invoke, batch_size=20)

    while environments.kills < KILLS:
        fresh = [sqs_record(len(records) + number) for number in range(20)]
        records += fresh
        queue.send(fresh)
        queue.wait()
        poller.poll()
    poller.drain()

    stored = {found.metadata["message_id"]: found.body for found in edge.objects.values()}
    assert environments.kills == KILLS
    assert len(edge.objects) == len(records)
    assert stored == contents(records)
    assert edge.overwritten == 0
    assert len(queue.dead_letters) == 0
