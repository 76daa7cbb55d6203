"""Virtual time, threads that are greenlets, and decisions that follow from one seed.

Every decision is drawn from the seed and from its site, a text such as
`validator-2/s3.put_object#3`. So a decision does not change when another one is taken away, and a
failing history can be made shorter event by event.
"""

import heapq
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

_LARGEST = 1 << 32


@dataclass(frozen=True, slots=True)
class Event:
    """Something that need not have happened: a fault, a request, a person's action."""

    site: str
    moment: float
    text: str


class Actor:
    """A source of decisions, with a name that is the same in every run of one seed."""

    __slots__ = ("_counts", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._counts: Counter[str] = Counter()

    def site(self, step: str) -> str:
        """Return the site of this actor's next decision about *step*."""
        self._counts[step] += 1
        return f"{self.name}/{step}#{self._counts[step]}"


class Group:
    """Tasks that live, freeze and die together: one execution environment."""

    __slots__ = ("deferred", "frozen", "killed", "tasks")

    def __init__(self) -> None:
        self.tasks: dict[Task, None] = {}
        self.deferred: list[tuple[Task, int]] = []
        self.frozen = False
        self.killed = False


class Task:
    """One thread of control."""

    __slots__ = ("actor", "glet", "group", "turn")

    def __init__(
        self, run: Callable[[], object], actor: Actor, group: Group | None, hub: greenlet
    ) -> None:
        self.glet = greenlet(run, hub)
        self.actor = actor
        self.group = group
        self.turn = 0  # a wake-up that was meant for an earlier turn is void


class Signal:
    """Something that tasks wait for."""

    __slots__ = ("_kernel", "_waiting")

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self._waiting: deque[tuple[Task, int]] = deque()

    def wait(self, timeout: float | None = None) -> None:
        """Give way until the signal is sent, or *timeout* seconds have passed."""
        self._kernel.wait_for_any([self], timeout)

    def add(self, task: Task) -> None:
        """Let *task* be woken."""
        self._waiting.append((task, task.turn))

    def send(self) -> None:
        """Wake every task that waits."""
        while self._waiting:
            task, turn = self._waiting.popleft()
            if task.turn == turn:
                self._kernel.wake(task, 0.0)


class RestlessError(Exception):
    """The world went on for more steps than any honest one needs."""


class Kernel:
    """One world's time, tasks and decisions.

    With *allowed* sites, no event happens at any other.
    """

    def __init__(self, seed: str, allowed: frozenset[str] | None = None, steps: int = 60_000):
        self.now = 0.0
        self.events: list[Event] = []
        self.trace: Callable[[str], object] | None = None
        self.steps = 0
        self._seed = seed.encode()
        self._allowed = allowed
        self._steps_allowed = steps
        self._hash = blake2b(digest_size=16)
        self._agenda: list[tuple[float, int, Any, int]] = []
        self._number = 0
        self._task: Task | None = None
        self._hub = getcurrent()
        self._groups: dict[Group, None] = {}
        self._tasks: dict[Task, None] = {}

    # ---- decisions

    def numbers(self, site: str) -> tuple[float, float, float, float]:
        """Return four numbers from 0 to 1 that follow from the seed and *site*."""
        drawn = int.from_bytes(blake2b(site.encode(), key=self._seed, digest_size=16).digest())
        return (
            (drawn & 0xFFFFFFFF) / _LARGEST,
            (drawn >> 32 & 0xFFFFFFFF) / _LARGEST,
            (drawn >> 64 & 0xFFFFFFFF) / _LARGEST,
            (drawn >> 96) / _LARGEST,
        )

    def number(self, site: str) -> float:
        """Return one number from 0 to 1."""
        return self.numbers(site)[0]

    def happens(self, site: str, text: str) -> bool:
        """Return whether the event at *site* may happen; note it if so."""
        if self._allowed is not None and site not in self._allowed:
            return False
        self.events.append(Event(site, self.now, text))
        self.note(f"! {text}")
        return True

    def note(self, text: str) -> None:
        """Add one line to the trace."""
        self._hash.update(f"{self.now:.6f} {text}\n".encode())
        if self.trace:
            self.trace(f"{self.now:14.3f}  {text}")

    def digest(self) -> str:
        """Return the hash of the trace."""
        return self._hash.hexdigest()

    # ---- time

    def running(self) -> Task:
        """Return the task that runs."""
        assert self._task
        return self._task

    def group(self) -> Group | None:
        """Return the group of the task that runs."""
        return self._task.group if self._task else None

    def spawn(
        self, run: Callable[[], object], actor: Actor, group: Group | None = None, delay: float = 0
    ) -> Task:
        """Start a task after *delay* seconds."""
        task = Task(run, actor, group, self._hub)
        self._tasks[task] = None
        if group:
            group.tasks[task] = None
            self._groups[group] = None
        self.wake(task, delay)
        return task

    def wake(self, task: Task, delay: float) -> None:
        """Let *task* go on after *delay* seconds, unless it went on before."""
        self._push(delay, task, task.turn)

    def after(self, delay: float, act: Callable[[], object]) -> None:
        """Call *act*, which must not wait, after *delay* seconds."""
        self._push(delay, act, 0)

    def sleep(self, seconds: float) -> None:
        """Let the running task wait."""
        task = self.running()
        self.wake(task, seconds)
        self.give_way()

    def give_way(self) -> None:
        """Let others run until somebody wakes this task."""
        task = self.running()
        if task.group and task.group.killed:
            raise GreenletExit
        self._hub.switch()
        if task.group and task.group.killed:
            raise GreenletExit

    def signal(self) -> Signal:
        """Return a new signal."""
        return Signal(self)

    def wait_for_any(self, signals: list[Signal], timeout: float | None = None) -> None:
        """Give way until one of *signals* is sent, or *timeout* seconds have passed."""
        task = self.running()
        for signal in signals:
            signal.add(task)
        if timeout is not None:
            self.wake(task, timeout)
        self.give_way()

    def run(self) -> None:
        """Go on until nothing more will happen."""
        while self._agenda:
            moment, _, what, turn = heapq.heappop(self._agenda)
            self.now = max(self.now, moment)
            self.steps += 1
            if self.steps > self._steps_allowed:
                raise RestlessError
            if isinstance(what, Task):
                self._resume(what, turn)
            else:
                what()

    def kill(self, group: Group) -> None:
        """End every task of *group* where it stands, without a word to any of them."""
        group.killed = True
        self._groups.pop(group, None)
        for task in list(group.tasks):
            task.turn += 1
            if task is not self._task and task.glet:
                self._unwind(task)
        group.tasks.clear()

    def thaw(self, group: Group) -> None:
        """Let a frozen *group* go on, with what happened meanwhile."""
        group.frozen = False
        deferred, group.deferred = group.deferred, []
        for task, turn in deferred:
            self._push(0.0, task, turn)

    def close(self) -> None:
        """End everything: a greenlet that waits is never collected, and keeps its world alive."""
        self._agenda.clear()
        for group in list(self._groups):
            self.kill(group)
        for task in list(self._tasks):
            if task.glet:
                self._unwind(task)
        self._tasks.clear()

    def _push(self, delay: float, what: Any, turn: int) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (self.now + delay, self._number, what, turn))

    def _resume(self, task: Task, turn: int) -> None:
        if turn != task.turn or task.glet.dead:
            return
        if task.group and task.group.frozen:
            task.group.deferred.append((task, turn))
            return
        task.turn += 1
        before, self._task = self._task, task
        try:
            task.glet.switch()
        finally:
            self._task = before
        if task.glet.dead:
            self._tasks.pop(task, None)
            if task.group:
                task.group.tasks.pop(task, None)

    def _unwind(self, task: Task) -> None:
        # Python's `finally` runs, which a killed process would not do; what it asks of AWS is
        # refused, as its group is dead, so nobody outside sees a difference.
        before, self._task = self._task, task
        task.glet.parent = getcurrent()
        try:
            while not task.glet.dead:
                with suppress(Exception):
                    task.glet.throw(GreenletExit)
        finally:
            self._task = before
