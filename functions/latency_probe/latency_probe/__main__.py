"""The measurement on the command line: ``python -m latency_probe HOST:PORT ...``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from .measurement import measure
from .probes.methods import NAMES, MethodError, choose
from .probes.reply import Status
from .render.as_json import describe
from .sampling import MOST_SAMPLES, Plan
from .target import Target, TargetError

COLUMNS = {
    "target": "TARGET",
    "status": "STATUS",
    "latency_ms": "MEDIAN",
    "min_ms": "MIN",
    "p95_ms": "P95",
    "max_ms": "MAX",
    "jitter_ms": "JITTER",
    "loss_percent": "LOSS %",
    "sent": "SENT",
    "source": "CLOCK",
}
EPILOG = """\
Times are milliseconds. CLOCK says who timed them: the kernel (exact whatever the load) or the
user's process. Exit status: 0 every target is ok, 1 at least one is not, 2 wrong usage,
130 interrupted. A dropped packet, an absent host and a full accept queue all look like "timeout".
"""
LONGEST_RUN_SECONDS = 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the targets that *arguments* name and print them; return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        plan = Plan(options.samples, options.interval, options.timeout)
        choice = choose(options.method)
    except (ValueError, MethodError) as error:
        parser.error(str(error))
    measurements = measure(options.targets, choice, plan, LONGEST_RUN_SECONDS)
    found = [describe(measurement) for measurement in measurements]
    sys.stdout.write(json.dumps({"targets": found}, indent=2) if options.json else _table(found))
    sys.stdout.write("\n")
    return int(any(target["status"] != Status.OK for target in found))


def _parser() -> argparse.ArgumentParser:
    plan = Plan()
    parser = argparse.ArgumentParser(
        prog="python -m latency_probe",
        description="Measure the round trip to targets by TCP handshake, timed by the kernel.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "targets", nargs="+", metavar="HOST:PORT", type=_target, help="IPv6 as [ADDRESS]:PORT"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--method",
        choices=NAMES,
        default="tcp",
        help="auto: ICMP where allowed, else TCP (%(default)s)",
    )
    parser.add_argument(
        "--samples", type=int, default=plan.sample_count, help=f"1 to {MOST_SAMPLES} (%(default)s)"
    )
    parser.add_argument(
        "--interval",
        type=float,
        default=plan.interval_seconds,
        help="seconds between samples (%(default)s)",
    )
    parser.add_argument(
        "--timeout", type=float, default=plan.timeout_seconds, help="seconds, below 1 (%(default)s)"
    )
    return parser


def _target(text: str) -> Target:
    try:
        return Target.parse(text)
    except TargetError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _table(found: Sequence[dict[str, Any]]) -> str:
    rows = [list(COLUMNS.values())]
    rows += [[_cell(target[column]) for column in COLUMNS] for target in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        texts = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        texts += [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(texts))
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.stderr.flush()
        os._exit(130)  # at once: threads may wait for dead targets for seconds more
