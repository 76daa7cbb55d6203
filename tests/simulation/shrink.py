"""The shortest history that still shows a fault, found by taking events away."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .kernel import Event
from .world import Code, Report, World

_MOST_RUNS = 400


@dataclass(frozen=True, slots=True)
class Shortest:
    """What is left of a history, and how many worlds it took to find it."""

    report: Report
    before: int
    runs: int

    @property
    def events(self) -> list[Event]:
        """The events without any of which the fault does not show."""
        return self.report.events


def shrink(seed: int, report: Report, code: Code) -> Shortest:
    """Return the shortest history in which the first fault of *report* still shows."""
    wanted = kind_of(report.faults[0])
    best = report
    runs = 0

    def shows(sites: Sequence[str]) -> bool:
        nonlocal best, runs
        runs += 1
        tried = World(seed, report.number, code, frozenset(sites)).run()
        if all(kind_of(fault) != wanted for fault in tried.faults):
            return False
        best = tried
        return True

    smallest([event.site for event in report.events], shows, lambda: runs < _MOST_RUNS)
    return Shortest(best, len(report.events), runs)


def smallest(
    sites: Sequence[str],
    shows: Callable[[Sequence[str]], bool],
    may_go_on: Callable[[], bool] = lambda: True,
) -> list[str]:
    """Return a part of *sites* that still *shows* it, and does not without any one of them.

    Large parts are taken away first (delta debugging), single ones in the end.
    """
    left = list(sites)
    size = max(1, len(left) // 2)
    while may_go_on():
        at, found = 0, False
        while at < len(left) and may_go_on():
            rest = left[:at] + left[at + size :]
            if shows(rest):
                left, found = rest, True
            else:
                at += size
        if size == 1 and not found:
            break
        size = max(1, size // 2)
    return left


def kind_of(fault: str) -> str:
    """Return *fault* without what names one message, order or moment."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|'[^']*'|\{.*\}|\[.*\]", "", fault)[:48]
