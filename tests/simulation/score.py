"""Plants each single fault of `faults.py` and says which are found, and by what.

    python -m tests.simulation.score [--worlds 2000] [--seed 1] [--jobs 2] [name ...]

A fault is found when a world breaks a promise, does not end, or cannot begin. Where `faults.py`
names a unit test instead, that test must fail with the fault, and pass without it.
"""

import argparse
import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .faults import FAULTS, Fault
from .product import ROOT, Release, previous_or_none
from .world import Code, World

_SECONDS_A_WORLD = 20.0  # of CPU time; an honest one needs a hundredth of one
_SECONDS_OF_A_UNIT_TEST = 180.0  # on a busy machine; it takes a few
_PARTS = ("functions", "operations", "maintenance", "local", "tests", "events", "docs")
_FILES = ("pyproject.toml", "template.yaml", "samconfig.toml", "README.md", "Makefile")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one planted fault."""

    fault: Fault
    by: str  # empty for a survivor
    worlds: int
    seconds: float


class StaleFaultError(Exception):
    """The text that a fault replaces is not in the file, or is there more than once."""


def planted(fault: Fault) -> str:
    """Return the text of the fault's file with the fault in it."""
    text = (ROOT / fault.file).read_text()
    if text.count(fault.old) != 1:
        raise StaleFaultError(
            f"{fault.name}: {fault.file} holds its text {text.count(fault.old)} times"
        )
    return text.replace(fault.old, fault.new)


def judge(fault: Fault, seed: int, worlds: int) -> Verdict:
    """Return what shows *fault*: the unit test that it names, or else a world."""
    started = time.process_time()
    if fault.unit:
        return Verdict(fault, fault.unit if _unit_test_shows(fault) else "", 0, 0.0)
    replaced = {fault.file: planted(fault)}
    signal.signal(signal.SIGVTALRM, _give_up)
    by, number = "", 0
    try:
        code = Code(Release(fault.name, replaced=replaced), _previous_release())
        for number in itertools.islice(itertools.count(), worlds):
            signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS_A_WORLD)
            found = World(seed, number, code).run().faults
            if found:
                by = found[0]
                break
    except _EndlessError:
        by = "a world that does not end"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return Verdict(fault, by, number + 1, time.process_time() - started)


@cache
def _previous_release() -> Release | None:
    return previous_or_none()[0]


class _EndlessError(BaseException):
    """A world took longer than any honest one."""


def _give_up(*_: object) -> None:
    raise _EndlessError


def _unit_test_shows(fault: Fault) -> bool:
    """Return whether the test that *fault* names fails with it, and passes without it."""
    return _passes(fault.unit) and not _passes(fault.unit, fault)


@cache
def _passes(test: str, fault: Fault | None = None) -> bool:
    with tempfile.TemporaryDirectory(prefix="weir-fault-") as folder:
        for part in _PARTS:
            shutil.copytree(
                ROOT / part,
                Path(folder) / part,
                ignore=shutil.ignore_patterns("__pycache__", "simulation"),
            )
        for name in _FILES:
            shutil.copy(ROOT / name, folder)
        if fault:
            (Path(folder) / fault.file).write_text(planted(fault))
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test],
                cwd=folder,
                capture_output=True,
                check=False,
                timeout=_SECONDS_OF_A_UNIT_TEST,
            )
        except subprocess.TimeoutExpired:
            return False  # what waits for ever does not pass
    return ended.returncode == 0


def main(command_line: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="score", description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", help="only these faults")
    parser.add_argument("--worlds", type=int, default=2000, help="at most (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args(command_line)
    chosen = [fault for fault in FAULTS if not arguments.names or fault.name in arguments.names]
    if not chosen:
        parser.error(f"no fault has such a name; there are {', '.join(f.name for f in FAULTS)}")
    work = [(fault, arguments.seed, arguments.worlds) for fault in chosen]
    verdicts = []
    _previous_release()  # once, before the processes part
    context = multiprocessing.get_context("fork")
    try:
        with context.Pool(arguments.jobs, initializer=_ignore_interrupts) as pool:
            for verdict in pool.imap(_judge, work):
                verdicts.append(verdict)
                print(_line(verdict), flush=True)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except StaleFaultError as error:
        print(f"stale: {error}", file=sys.stderr)
        return 2
    survivors = [verdict.fault for verdict in verdicts if not verdict.by]
    by_test = sum(bool(verdict.by) and verdict.by == verdict.fault.unit for verdict in verdicts)
    found = len(verdicts) - len(survivors)
    print(
        f"\n{found} of {len(verdicts)} single faults found,"
        f" {found - by_test} by at most {arguments.worlds:,} worlds, {by_test} by a unit test"
    )
    for fault in survivors:
        print(f"  survived: {fault.name} in {fault.file}: {fault.why}")
    return int(bool(survivors))


def _judge(work: tuple[Fault, int, int]) -> Verdict:
    return judge(*work)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _line(verdict: Verdict) -> str:
    if not verdict.by:
        by = verdict.fault.unit or f"{verdict.worlds:,} worlds"
        return f"SURVIVED  {verdict.fault.name} ({by})"
    if verdict.by == verdict.fault.unit:
        return f"found     {verdict.fault.name}: {verdict.by}"
    return (
        f"found     {verdict.fault.name} (world {verdict.worlds:,},"
        f" {verdict.seconds:.1f} CPU s): {verdict.by[:90]}"
    )


if __name__ == "__main__":
    sys.exit(main())
