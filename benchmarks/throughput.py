"""Messages per second of the uploader, beside the usual sequential batch processor.

Every PUT takes 20 ms, so that the uploader's own limit is measured. Each contender has a process
and a control group of its own. They take turns, batches back to back, so that whatever else the
machine does meets all of them, and none finds quota that another left. A ratio is between two turns
of one round.
"""

import contextlib
import statistics
from dataclasses import dataclass

from .contenders import Contender, StubAws, Worker, batch, usual, weir
from .control_group import cpu_share, is_allowed

FULL_CPU_MB = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
SMALL_MB = 512
MESSAGES = 100
SEQUENTIAL = "sequential, usual"
CONTENDERS = {
    SEQUENTIAL: (usual("uploader"), 1),
    "message layout": (weir("uploader"), 10),
    "batch layout": (weir("uploader").in_layout("batch"), 10),
}


@dataclass(frozen=True)
class Seat:
    """One contender's place in a round: its process, and the batches of its turn."""

    contender: Contender
    batches: int
    share: float

    def open(self, stack: contextlib.ExitStack, stub: StubAws) -> Worker:
        """Start it in a group with its share of a CPU."""
        group = stack.enter_context(cpu_share(self.share)) if is_allowed() else None
        worker = Worker(self.contender, batch(MESSAGES), stub, self.batches, status=200)
        stack.enter_context(contextlib.closing(worker))
        if group:
            group.add(worker.pid)
        return worker


def report(stub: StubAws, rounds: int) -> None:
    """Print how many messages a second each stores, on a whole CPU and on 29 % of one."""
    print(f"\n## Uploader (batches of {MESSAGES}, S3 takes 20 ms, {rounds} rounds)\n")
    if not is_allowed():
        print("No control group can be made here, so only a whole CPU was measured.\n")
    print(
        "| | Messages per second | ms a batch | Against sequential | From, to "
        "| CPU ms a message | Peak MB |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for memory_mb in (FULL_CPU_MB, SMALL_MB) if is_allowed() else (FULL_CPU_MB,):
        share = memory_mb / FULL_CPU_MB
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        with contextlib.ExitStack() as stack:
            workers = {
                name: Seat(contender.with_memory(memory_mb), batches, share).open(stack, stub)
                for name, (contender, batches) in CONTENDERS.items()
            }
            for _ in range(rounds):
                for name, worker in workers.items():
                    taken[name].append(worker.turn())
        for name, turns in taken.items():
            print(
                f"| {_share(memory_mb)}: {name} | {_cells(turns, taken[SEQUENTIAL])} |", flush=True
            )


def _share(memory_mb: int) -> str:
    return (
        "one CPU" if memory_mb == FULL_CPU_MB else f"{memory_mb / FULL_CPU_MB:.0%} ({memory_mb} MB)"
    )


def _cells(turns: list[dict[str, float]], sequential: list[dict[str, float]]) -> str:
    wall_ms = statistics.median(turn["wall_ms"] for turn in turns)
    cpu_ms = statistics.median(turn["cpu_ms"] for turn in turns)
    ratios = sorted(
        other["wall_ms"] / turn["wall_ms"] for turn, other in zip(turns, sequential, strict=True)
    )
    return (
        f"{MESSAGES / wall_ms * 1000:,.0f} | {wall_ms:.0f} | **{statistics.median(ratios):.1f}** "
        f"| {ratios[0]:.1f}, {ratios[-1]:.1f} | {cpu_ms / MESSAGES:.2f} "
        f"| {max(turn['peak_mb'] for turn in turns):.0f} |"
    ).rstrip(" |")
