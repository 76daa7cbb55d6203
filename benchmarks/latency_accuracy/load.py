"""How little of the processor the probe gets."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_VERSION_1 = _CGROUPS / "cpu" / "cpu.cfs_quota_us"
_PERIOD_MICROSECONDS = 100_000
_BURNER = ("/bin/sh", "-c", "while :; do :; done")


@contextmanager
def idle() -> Iterator[list[str]]:
    """Add nothing to what the machine does; the answer is what to put before a command."""
    yield []


@contextmanager
def busy() -> Iterator[list[str]]:
    """Keep every core busy with something else."""
    with ExitStack() as burners:
        for _ in range(os.cpu_count() or 1):
            burners.enter_context(_burning(_BURNER))
        yield []


@contextmanager
def throttled(share: float = 0.07) -> Iterator[list[str]]:
    """Let commands have *share* of one core, as Lambda does with a small function.

    Something else in the group uses the share up, so that a prober is always throttled: on its
    own it would mostly sleep, and hardly notice.
    """
    group = _parent() / f"weir-lab-{os.getpid()}"
    group.mkdir()
    quota = int(share * _PERIOD_MICROSECONDS)
    try:
        if _VERSION_1.exists():
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (_CGROUPS / "cgroup.subtree_control").write_text("+cpu")
            (group / "cpu.max").write_text(f"{quota} {_PERIOD_MICROSECONDS}")
        enter = ["/bin/sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]
        with _burning([*enter, *_BURNER]):
            yield enter
    finally:
        group.rmdir()


@contextmanager
def _burning(command: Sequence[str]) -> Iterator[None]:
    burner = subprocess.Popen(command)
    try:
        yield
    finally:
        burner.kill()
        burner.wait()


LOADS = {"idle": idle, "all cores busy": busy, "7 % CPU share": throttled}


def unavailable(load: str) -> str | None:
    """Say why *load* cannot be made here, if it cannot."""
    if LOADS[load] is not throttled:
        return None
    version_2 = _CGROUPS / "cgroup.controllers"
    if not _VERSION_1.exists() and not (
        version_2.exists() and "cpu" in version_2.read_text().split()
    ):
        return "no control group can limit the processor here"
    return None if os.access(_parent(), os.W_OK) else "control groups cannot be made here"


def remove_leftover_groups() -> None:
    """Remove the control groups of labs that were killed; a group that is in use stays."""
    for group in _parent().glob("weir-lab-*"):
        if not Path("/proc", group.name.removeprefix("weir-lab-")).exists():
            with suppress(OSError):
                group.rmdir()


def _parent() -> Path:
    return _VERSION_1.parent if _VERSION_1.exists() else _CGROUPS
