"""Runs random histories of validator, uploader and replay, and judges each.

    python -m tests.simulation [--worlds 2000] [--seed 1] [--first 0] [--jobs 2] [--trace]

A world that breaks a promise is printed with its seed and with the shortest list of events that
still shows it. The same seed gives the same trace, to the last byte of its hash.
"""

import argparse
import sys

from .run import Summary, load, say_on_stderr, simulate
from .shrink import shrink
from .world import Code, Report, World


def main(command_line: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--worlds", type=int, default=2000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what all follows from (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (%(default)s)")
    parser.add_argument("--jobs", type=int, default=0, help="processes; 0 is one for each core")
    parser.add_argument("--trace", action="store_true", help="print each step of a single world")
    arguments = parser.parse_args(command_line)
    if arguments.worlds < 1:
        parser.error("--worlds must be above 0")
    code = load()
    if arguments.trace:
        world = World(arguments.seed, arguments.first, code[0])
        world.kernel.trace = print
        faults = world.run().faults
        print("\n".join(faults) or "nothing is wrong")
        return int(bool(faults))
    summary = simulate(
        arguments.seed,
        arguments.first,
        arguments.worlds,
        jobs=arguments.jobs,
        say=say_on_stderr,
        code=code,
    )
    print(describe(summary, arguments.seed))
    for report in summary.broken:
        print(explain(report, arguments.seed, code[0]))
    if summary.interrupted:
        print("Interrupted; the counts are those of the worlds until then.", file=sys.stderr)
        return 130
    return int(bool(summary.broken_count))


def describe(summary: Summary, seed: int) -> str:
    """Return the counts of a run as text."""
    counts = summary.counts
    lines = [f"{count:12,} {name}" for name, count in counts.items() if "answers" not in name]
    lines += [f"{counts[name]:12,} {name}" for name in sorted(counts) if "answers" in name]
    lines.append(f"{counts.get('answers 500', 0):12,} answers 500")
    lines.append(f"{summary.broken_count:12,} worlds that broke a promise")
    lines.append(f"{summary.rate:12,.1f} worlds a second")
    lines.append(f"seed {seed}, hash of all traces {summary.digest}")
    return "\n".join(lines)


def explain(report: Report, seed: int, code: Code) -> str:
    """Return what is wrong in a world, and the shortest history that shows it."""
    found = shrink(seed, report, code)
    lines = [f"\nWorld {report.number} of seed {seed} (layout {report.layout}) is broken:"]
    lines += [f"  {fault}" for fault in report.faults[:5]]
    lines.append(
        f"The shortest history that shows the first: {len(found.events)} of {found.before} events"
        f" ({found.runs} worlds tried)"
    )
    lines += [f"  {event.moment:12.3f} s  {event.text}" for event in found.events]
    lines += [f"  then: {fault}" for fault in found.report.faults[:3]]
    lines.append(
        f"Again: make simulate SEED={seed} FIRST={report.number} WORLDS=1"
        " (and TRACE=1 for each step)"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
