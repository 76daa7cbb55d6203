"""A stand-in for SQS and for the poller with which Lambda empties it, on a clock of its own."""

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
Invoke = Callable[[dict[str, Any]], dict[str, Any]]


class InvocationError(Exception):
    """The function raised, was killed or ran out of time: Lambda deletes nothing."""


@dataclass
class Held:
    """A message in the queue."""

    record: Record
    visible_at: float
    receive_count: int = 0


@dataclass
class Queue:
    """A standard queue with a dead-letter queue.

    Time is simulated: *now* stands still while the function works and jumps to the next moment at
    which a message becomes visible, so that a day passes in as many seconds as the attempts
    within them take.
    """

    visibility_timeout: int
    max_receive_count: int
    now: float = 0.0
    held: dict[str, Held] = field(default_factory=dict)
    dead_letters: list[Record] = field(default_factory=list)
    most_received: int = 0

    def send(self, records: Iterable[Record]) -> None:
        """Take *records*, visible at once."""
        for record in records:
            self.held[str(uuid.uuid4())] = Held(record, self.now)

    def receive(self, limit: int, choose: random.Random) -> list[Record]:
        """Hand out at most *limit* visible messages, in no order, as Lambda passes them on."""
        visible = [handle for handle, held in self.held.items() if held.visible_at <= self.now]
        choose.shuffle(visible)
        batch = []
        for handle in visible[:limit]:
            held = self.held.pop(handle)
            if held.receive_count >= self.max_receive_count:
                self.dead_letters.append(held.record)
                continue
            held.receive_count += 1
            held.visible_at = self.now + self.visibility_timeout
            self.most_received = max(self.most_received, held.receive_count)
            handle = str(uuid.uuid4())
            self.held[handle] = held
            attributes = held.record["attributes"] | {
                "ApproximateReceiveCount": str(held.receive_count)
            }
            batch.append(held.record | {"receiptHandle": handle, "attributes": attributes})
        return batch

    def delete(self, handle: str) -> None:
        """Forget a message that has been dealt with."""
        del self.held[handle]

    def change_visibility(self, handle: str, seconds: int) -> bool:
        """Let a message come back *seconds* from now."""
        self.held[handle].visible_at = self.now + seconds
        return True

    def wait(self) -> None:
        """Let time pass until a message is visible."""
        self.now = max(self.now, min(held.visible_at for held in self.held.values()))


@dataclass
class Poller:
    """Lambda's event source mapping with partial batch responses.

    It never backs off when an invocation fails, as Lambda does, so it uses up receives faster:
    what survives this poller survives Lambda's.
    """

    queue: Queue
    invoke: Invoke
    batch_size: int
    choose: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    invocations: int = 0
    errors: int = 0

    def poll(self) -> None:
        """Invoke the function with one batch and delete what it has dealt with."""
        batch = self.queue.receive(self.batch_size, self.choose)
        if not batch:
            return
        self.invocations += 1
        try:
            answer = self.invoke({"Records": batch})
        except InvocationError:
            self.errors += 1
            return
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for record in batch:
            if record["messageId"] not in failed:
                self.queue.delete(record["receiptHandle"])

    def drain(self) -> None:
        """Go on until the queue is empty."""
        while self.queue.held:
            self.queue.wait()
            self.poll()
