"""What is lost when the function's process is killed: nothing."""

import gzip
import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

import pytest

from operations.project import ROOT
from tests.faults.conftest import environment
from tests.faults.edge import Edge, Fault, Refuse
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
        if not (line := self._answers.readline()):
            self._close()
            raise InvocationError("died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        """End the process as a failing host does; return when it is gone."""
        self.strike()
        self._answers.read()
        self._close()

    def strike(self) -> None:
        """End the process, from whatever thread."""
        os.kill(self._pid, signal.SIGKILL)

    def _close(self) -> None:
        self._answers.close()
        self._events.close()


class Environments:
    """Lambda's supply of execution environments, which replaces those that die."""

    def __init__(self, starter: IO[str], folder: Path, random_kills: int) -> None:
        self._starter = starter
        self._random_kills = random_kills
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
        if self.kills < self._random_kills:
            patience = self._chance.uniform(0, self._usual_seconds)
        try:
            return self._running.invoke(event, patience)
        except InvocationError:
            self.kills += 1
            self._running = self._spare.wait()
            self._spare = self._start()
            raise

    def strike(self) -> None:
        """Kill the process that serves at this moment."""
        self._running.strike()

    def close(self) -> None:
        """End every process."""
        self._running.kill()
        self._spare.wait().kill()

    def _start(self) -> Function:
        return Function(self._starter, self._folder / uuid.uuid4().hex)


@pytest.fixture(params=[("message", KILLS)])
def environments(
    edge: Edge, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Environments]:
    """Start the function in a layout, to be killed so many times at random, and end it."""
    layout, random_kills = request.param
    path = os.pathsep.join([str(ROOT), str(ROOT / "functions" / "uploader")])
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.function"],
        cwd=ROOT,
        env=environment(edge, layout) | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as starter:
        assert starter.stdin
        environments = Environments(starter.stdin, tmp_path, random_kills)
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


@pytest.mark.parametrize("environments", [("message", 0), ("batch", 0)], indirect=True, ids=str)
def test_a_record_that_kills_the_function_each_time_takes_no_other_with_it(
    edge: Edge, queue: Queue, environments: Environments
) -> None:
    """Its neighbours are stored, and only itself ends in the dead-letter queue.

    The process is killed at the first write of an invocation that has the record, and nothing of
    that invocation is stored. Thirty receives are fewer than the template grants: whatever came
    back together with the killer each time would end beside it.
    """
    queue.max_receive_count = 30
    records = [sqs_record(number) for number in range(100)]
    killer = records[50]["messageId"]
    doomed, struck = threading.Event(), threading.Event()

    def invoke(event: dict[str, Any]) -> dict[str, Any]:
        struck.clear()
        doomed.clear()
        if killer in {record["messageId"] for record in event["Records"]}:
            doomed.set()
        return environments.invoke(event)

    def strike(_: str) -> Fault | None:
        if not doomed.is_set():
            return None
        if not struck.is_set():
            struck.set()
            environments.strike()
        return Refuse(503, "SlowDown")

    invoke({"Records": [sqs_record(1000)]})
    edge.fault = strike
    queue.send(records)
    poller = Poller(queue, invoke, batch_size=100)

    poller.drain()

    assert [letter["messageId"] for letter in queue.dead_letters] == [killer]
    assert environments.kills == 30
    others = contents([record for record in records if record["messageId"] != killer])
    assert stored_contents(edge).items() >= others.items()


def stored_contents(edge: Edge) -> dict[str, bytes]:
    """Return what is stored in either layout, by message id."""
    found = {}
    for key, stored in edge.objects.items():
        if key.startswith("messages/"):
            found[stored.metadata["message_id"]] = stored.body
            continue
        for line in gzip.decompress(stored.body).splitlines():
            head, _, text = line.partition(b', "message": ')
            found[json.loads(head + b"}")["message_id"]] = text[:-1]
    return found
