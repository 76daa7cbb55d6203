"""Many worlds on all cores, with progress, counts and a hash of all traces."""

import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from .product import Release, previous_or_none
from .world import Code, Report, World

_CHUNK = 25
_FAILURES_KEPT = 5
_SECONDS_BETWEEN_LINES = 5.0

_code: list[Code] = []


@dataclass
class Summary:
    """What came of many worlds."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[Report] = field(default_factory=list)
    broken_count: int = 0
    seconds: float = 0.0
    digest: str = ""
    interrupted: bool = False
    remark: str = ""

    @property
    def rate(self) -> float:
        """Worlds a second."""
        return self.counts["worlds"] / self.seconds if self.seconds else 0.0


def load() -> tuple[Code, str]:
    """Return the code under test, and a remark if the previous release is not there."""
    previous, remark = previous_or_none()
    return Code(Release("current"), previous), remark


def simulate(
    seed: int,
    first: int,
    worlds: int,
    *,
    jobs: int = 0,
    say: Callable[[str], object] = lambda _: None,
    code: tuple[Code, str] | None = None,
) -> Summary:
    """Run *worlds* worlds of *seed*, from number *first*; judge each."""
    loaded, remark = code or load()
    summary = Summary(remark=remark)
    if remark:
        say(f"skipped: {remark}")
    _code[:] = [loaded]
    gc.collect()
    gc.freeze()
    chunks = [
        (seed, number, min(_CHUNK, first + worlds - number))
        for number in range(first, first + worlds, _CHUNK)
    ]
    traces = blake2b(digest_size=16)
    started = told = time.monotonic()
    reports = _reports(chunks, jobs or os.cpu_count() or 1)
    try:
        for report in reports:
            summary.counts.update(report.counts)
            traces.update(report.digest.encode())
            if report.faults:
                summary.broken_count += 1
                summary.broken[_FAILURES_KEPT:] = []
                summary.broken += [report] * (len(summary.broken) < _FAILURES_KEPT)
            now = time.monotonic()
            summary.seconds = now - started
            if now - told > _SECONDS_BETWEEN_LINES:
                told = now
                say(
                    f"  {summary.counts['worlds']:,} of {worlds:,} worlds,"
                    f" {summary.rate:.0f} a second, {summary.broken_count} broken"
                )
    except KeyboardInterrupt:
        summary.interrupted = True
    finally:
        reports.close()
    summary.seconds = time.monotonic() - started
    summary.digest = traces.hexdigest()
    return summary


def _reports(chunks: Sequence[tuple[int, int, int]], jobs: int) -> Generator[Report]:
    """Yield every report in the order of its number."""
    if jobs == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield from _run(chunk)
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, initializer=_ignore_interrupts) as pool:
        for part in pool.imap(_run, chunks):
            yield from part


def _run(chunk: tuple[int, int, int]) -> list[Report]:
    seed, first, count = chunk
    return [World(seed, number, _code[0]).run() for number in range(first, first + count)]


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def say_on_stderr(line: str) -> None:
    """Print *line* for a person who waits."""
    print(line, file=sys.stderr, flush=True)
