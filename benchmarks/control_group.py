"""A share of one CPU, as Lambda gives it to a function with less memory than a whole CPU's."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

# Lambda's is 20 ms by observation. The kernel's default of 100 ms would flatter: a whole batch fits
# into what it grants at once.
PERIOD_US = 20_000
_NUMBERS = itertools.count()


class ControlGroup:
    """A group of processes that share a quota of CPU time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, pid: int) -> None:
        """Put the process *pid* and its threads into the group, and keep it to one CPU.

        On several CPUs, slices of the quota are lent to each, and wait there unused.
        """
        (self._folder / "cgroup.procs").write_text(str(pid))
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {min(os.sched_getaffinity(0))})


@contextlib.contextmanager
def cpu_share(share: float) -> Iterator[ControlGroup]:
    """Make a control group with *share* of one CPU; OSError where that is not allowed.

    Its weight is the largest, so that the quota limits it and not what else the machine does.
    """
    quota_us = int(share * PERIOD_US)
    second = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    parent = Path("/sys/fs/cgroup" if second else "/sys/fs/cgroup/cpu")
    folder = parent / f"weir-{os.getpid()}-{next(_NUMBERS)}"
    folder.mkdir()
    try:
        if second:
            (folder / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
            (folder / "cpu.weight").write_text("10000")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(quota_us))
            (folder / "cpu.shares").write_text("262144")
        yield ControlGroup(folder)
    finally:
        folder.rmdir()


def is_allowed() -> bool:
    """Return whether control groups can be made here."""
    try:
        with cpu_share(1):
            return True
    except OSError:
        return False
