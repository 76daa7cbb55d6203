"""The search: every state that can be reached, what must hold in each, and the shortest traces."""

import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .design import IDLE, LETTER_PLACES, NONE, REFUSED_PLACES, STEPS, State, World


def promise_broken(world: World, state: State) -> str:
    """Say which promise does not hold in *state*; nothing if all do."""
    if state.broken:
        return state.broken
    stored = world.stored(state)
    kept = stored | state.erased | state.visible | state.dead | state.quarantined
    for _, messages, holds in state.uploaders:
        if holds:
            kept |= messages
    if state.replay[0] in (*LETTER_PLACES, *REFUSED_PLACES):
        kept |= state.replay[1]
    if state.promised & ~kept:
        return "a message that was promised is nowhere"
    if world.keyed:
        days = [day for number, day in enumerate(state.days) if kept >> number & 1]
        if len(set(days)) < len(days):
            return "one key stands for two messages of one day"
    return ""


def settled(world: World, state: State) -> bool:
    """Say whether all that was promised is stored, and nothing waits anywhere."""
    waiting = state.visible | state.dead | state.quarantined
    busy = any(place for place, _, _ in state.uploaders) or state.replay[0]
    return not (state.promised & ~(world.stored(state) | state.erased) or waiting or busy)


def promised(world: World, state: State) -> bool:
    """Say whether a message was promised."""
    return bool(state.promised)


def can_send(state: State) -> bool:
    """Say whether the sender has a try left."""
    return state.tries[-1][0] == IDLE


@dataclass
class Result:
    """What a search has found: a broken promise or a dead end with its trace, or nothing."""

    states: int = 0
    transitions: int = 0
    seconds: float = 0.0
    broken: str = ""
    trace: list[str] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)


class Search:
    """A breadth-first search through all states of *world*."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._states: list[State] = [world.start()]
        self._found: dict[State, int] = {self._states[0]: 0}
        self._came: list[tuple[int, str]] = [(NONE, "")]
        self._from, self._to, self._by = array("l"), array("l"), array("l")

    def run(self) -> Result:
        """Visit every state; stop at the first that breaks a promise or cannot lead to storage."""
        started = time.process_time()
        broken, at = self._explore()
        if not broken:
            broken, at = self._dead_end()
        return Result(
            len(self._states),
            len(self._to),
            time.process_time() - started,
            broken,
            self._trace(at) if broken else [],
            {STEPS[number].name for number in set(self._by)},
        )

    def _explore(self) -> tuple[str, int]:
        world, states, found = self._world, self._states, self._found
        for index, state in enumerate(states):  # grows while it is read
            for number, each in enumerate(STEPS):
                for how, after in each.moves(world, state):
                    target = found.get(after)
                    if target is None:
                        target = found[after] = len(states)
                        states.append(after)
                        self._came.append((index, f"{each.name}: {how}" if how else each.name))
                        if broken := promise_broken(world, after):
                            return broken, target
                    self._from.append(index)
                    self._to.append(target)
                    self._by.append(number)
        return "", 0

    def _dead_end(self) -> tuple[str, int]:
        """Return what can no longer come about from some state, and the first such state."""
        send, day = (
            next(i for i, each in enumerate(STEPS) if each.name == name)
            for name in ("a request is sent", "a day passes")
        )
        if (at := self._first(self._leads_to(settled, {send}))) is not None:
            return "what was promised can no longer be stored and settled", at
        if len(set(self._world.bodies)) == 1:
            leads = self._leads_to(promised, {day})
            hopeful = (
                hit or not can_send(state) for hit, state in zip(leads, self._states, strict=True)
            )
            if (at := self._first(hopeful)) is not None:
                return "the sender can no longer get a 202 that day", at
        return "", 0

    def _leads_to(self, goal: Callable[[World, State], bool], without: set[int]) -> bytearray:
        """Return for each state whether it leads to *goal*, leaving out some steps."""
        before: list[list[int]] = [[] for _ in self._states]
        for source, target, by in zip(self._from, self._to, self._by, strict=True):
            if by not in without and source != target:
                before[target].append(source)
        reached = bytearray(goal(self._world, state) for state in self._states)
        front = [index for index, hit in enumerate(reached) if hit]
        while front:
            for source in before[front.pop()]:
                if not reached[source]:
                    reached[source] = 1
                    front.append(source)
        return reached

    @staticmethod
    def _first(holds: Iterable[int]) -> int | None:
        """Return the first index that does not hold: the state nearest to the start."""
        return next((index for index, hit in enumerate(holds) if not hit), None)

    def _trace(self, index: int) -> list[str]:
        steps = []
        while index:
            index, how = self._came[index]
            steps.append(how)
        return steps[::-1]
