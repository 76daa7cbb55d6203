"""The probe's measurement by hand: `make measure TARGETS="HOST:PORT ..."`.

It needs Python 3.13 and nothing installed:
`PYTHONPATH=functions/latency_probe python3.13 -m operations.measure HOST:PORT ...`
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from latency_probe.measurement import measure
from latency_probe.probes.methods import NAMES, choose
from latency_probe.probes.reply import Status
from latency_probe.render.as_json import describe
from latency_probe.sampling import MOST_SAMPLES, Plan
from latency_probe.target import Target

COLUMNS = (
    *("target", "status", "median_ms", "min_ms", "p95_ms", "max_ms", "jitter_ms"),
    *("loss_percent", "sent", "source"),
)
EPILOG = """\
Times are milliseconds. SOURCE says who timed them: the kernel (exact whatever the load) or the
user's process. Exit status: 0 every target is ok, 1 at least one is not, 2 wrong usage,
130 interrupted. A dropped packet, an absent host and a full accept queue all look like "timeout".
"""
LONGEST_RUN_SECONDS = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the targets that *arguments* name and print them; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.measure",
        description="Measure the round trip to targets by TCP handshake, timed by the kernel.",
        epilog=EPILOG,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add, plan = parser.add_argument, Plan()
    add("targets", nargs="+", metavar="HOST:PORT", help="IPv6 as [ADDRESS]:PORT")
    add("--json", action="store_true", help="print JSON instead of a table")
    add("--method", choices=NAMES, default="tcp", help="auto: ICMP where allowed, else TCP")
    add("--samples", type=int, default=plan.sample_count, help=f"1 to {MOST_SAMPLES}")
    add("--interval", type=float, default=plan.interval_seconds, help="seconds between samples")
    add("--timeout", type=float, default=plan.timeout_seconds, help="seconds, below 1")
    options = parser.parse_args(arguments)
    try:
        targets = [Target.parse(text) for text in options.targets]
        plan = Plan(options.samples, options.interval, options.timeout)
        choice = choose(options.method)
    except ValueError as error:
        parser.error(str(error))
    found = [describe(one) for one in measure(targets, choice, plan, LONGEST_RUN_SECONDS)]
    text = json.dumps({"targets": found}, indent=2) if options.json else _table(found)
    sys.stdout.write(f"{text}\n")
    return int(any(target["status"] != Status.OK for target in found))


def _table(found: Sequence[dict[str, Any]]) -> str:
    """Return the table of what was *found*; its headings are the names in JSON."""
    headings = [key.removesuffix("_ms").replace("_", " ").upper() for key in COLUMNS]
    rows = [headings, *([_cell(one[key]) for key in COLUMNS] for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.rjust, row, widths)) for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        status = 130
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # at once: threads may wait for targets and resolvers for seconds more
