"""First responses: of a cold function, and of one whose connections were closed in a pause.

Lambda gives a cold function a whole CPU until its handler is ready, then its memory's share; so do
these. Then come warm calls, a call after all connections were closed, and one after all
connections were closed and all that was cached has expired, as after a longer pause.
"""

import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .contenders import Contender, StubAws
from .control_group import cpu_share, is_allowed
from .deployed import Callgrind, Deployed, started
from .throughput import FULL_CPU_MB

WARM_CALLS = 5
STAGES = ("first", "warm", "closed", "expired")
COLUMNS = {
    "init": ["init"],
    "first": ["first"],
    "init and first": ["init", "first"],
    "warm": ["warm"],
    "connections closed": ["closed"],
    "and caches expired": ["expired"],
}

type Stages = dict[str, float]


@dataclass(frozen=True)
class Life:
    """What one process of a contender took, stage by stage, in milliseconds."""

    cpu: Stages
    wall: Stages

    def of(self, unit: str) -> Stages:
        """Return its CPU or its wall milliseconds."""
        return self.cpu if unit == "CPU" else self.wall


def live(contender: Contender, event: dict[str, Any], stub: StubAws, share: float) -> Life:
    """Start *contender* and take it through all stages, at *share* of a CPU once it is ready."""
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(cpu_share(share)) if is_allowed() else None
        running = stack.enter_context(started(contender, event, stub))
        life = Life({"init": running.cpu_ms()}, {"init": running.init_seconds * 1000})
        if group:
            for pid in running.family():
                group.add(pid)

        def stage(name: str, calls: int) -> None:
            cpu, wall = running.cpu_ms(), time.perf_counter()
            running.repeat(calls)
            life.wall[name] = (time.perf_counter() - wall) / calls * 1000
            life.cpu[name] = (running.cpu_ms() - cpu) / calls

        _go_through(running, stub, stage)
    return life


def count(contender: Contender, event: dict[str, Any], stub: StubAws) -> Stages:
    """Return the million instructions of each stage after the init."""
    counted: Stages = {}
    with tempfile.TemporaryDirectory() as folder:
        callgrind = Callgrind(folder)
        with started(contender, event, stub, callgrind.command) as running:
            callgrind.start(running)

            def stage(name: str, calls: int) -> None:
                before = callgrind.millions(running)
                running.repeat(calls)
                counted[name] = (callgrind.millions(running) - before) / calls

            _go_through(running, stub, stage)
    return counted


def _go_through(running: Deployed, stub: StubAws, stage: Callable[[str, int], None]) -> None:
    stage("first", 1)
    stage("warm", WARM_CALLS)
    stub.close_connections()
    stage("closed", 1)
    stub.close_connections()
    running.let_time_pass()
    stage("expired", 1)


def report(
    title: str,
    contenders: list[Contender],
    event: dict[str, Any],
    stub: StubAws,
    *,
    memory_mb: int,
    rounds: int,
) -> None:
    """Print what each stage takes; *contenders* begin with Weir and end with the usual stack."""
    share = memory_mb / FULL_CPU_MB if is_allowed() else 1.0
    sized = [contender.with_memory(memory_mb) for contender in contenders]
    lives: dict[str, list[Life]] = {contender.name: [] for contender in sized}
    for _ in range(rounds):
        for contender in sized:
            lives[contender.name].append(live(contender, event, stub, share))
    print(f"\n## {title}\n")
    if memory_mb < FULL_CPU_MB and share == 1:
        print("No control group can be made here, so everything ran on a whole CPU.\n")
    rest = f"init on a whole CPU, the rest on {share:.0%} of one"
    note = f"{rounds} rounds: median and quartiles; in bold, Weir's / this"
    own = sized[0].name
    for unit in ("CPU", "wall"):
        print(f"{unit} milliseconds, {rest} ({note}):\n")
        print("| Contender | " + " | ".join(COLUMNS) + " |\n|---|" + "---|" * len(COLUMNS))
        taken = {
            name: [
                [sum(life.of(unit)[stage] for stage in stages) for life in its]
                for stages in COLUMNS.values()
            ]
            for name, its in lives.items()
        }
        for name, columns in taken.items():
            bases = taken[own] if name != own else [[]] * len(COLUMNS)
            cells = [_cell(*each) for each in zip(columns, bases, strict=True)]
            print(f"| {name} | " + " | ".join(cells) + " |")
        print(flush=True)
    if shutil.which("valgrind"):
        _report_instructions(sized, event, stub)


def _cell(values: list[float], base: list[float]) -> str:
    middle = statistics.median(values)
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    ratio = f" **{statistics.median(base) / middle:.2f}**" if base else ""
    digits = 0 if middle >= 100 else 1
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f}){ratio}"


def _report_instructions(contenders: list[Contender], event: dict[str, Any], stub: StubAws) -> None:
    print("Million instructions, without the kernel's (in bold, Weir's / this):\n")
    print("| Contender | " + " | ".join(STAGES) + " |\n|---|" + "---|" * len(STAGES), flush=True)
    own: Stages = {}
    for contender in contenders:
        try:
            counted = count(contender, event, stub)
        except AssertionError:  # valgrind is so slow that a call can outlast the contender's limits
            print(f"| {contender.name} | not counted: its calls timed out" + " |" * len(STAGES))
            continue
        cells = [
            f"{counted[name]:.1f}" + (f" **{own[name] / counted[name]:.2f}**" if own else "")
            for name in STAGES
        ]
        own = own or counted
        print(f"| {contender.name} | " + " | ".join(cells) + " |", flush=True)
