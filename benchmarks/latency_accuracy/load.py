"""How little of the processor the probe gets."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_PERIOD_MICROSECONDS = 100_000


@contextmanager
def idle() -> Iterator[list[str]]:
    """Add nothing to what the machine does; the answer is what to put before a command."""
    yield []


@contextmanager
def busy() -> Iterator[list[str]]:
    """Keep every core busy with something else."""
    burners = [
        subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield []
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


@contextmanager
def throttled(share: float = 0.07) -> Iterator[list[str]]:
    """Let commands have *share* of one core, as Lambda does with a small function."""
    version_1 = _CGROUPS / "cpu" / "cpu.cfs_quota_us"
    group = (version_1.parent if version_1.exists() else _CGROUPS) / f"weir-{os.getpid()}"
    group.mkdir()
    quota = int(share * _PERIOD_MICROSECONDS)
    try:
        if version_1.exists():
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (_CGROUPS / "cgroup.subtree_control").write_text("+cpu")
            (group / "cpu.max").write_text(f"{quota} {_PERIOD_MICROSECONDS}")
        yield ["/bin/sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]
    finally:
        group.rmdir()


LOADS = {"idle": idle, "all cores busy": busy, "7 % CPU share": throttled}
