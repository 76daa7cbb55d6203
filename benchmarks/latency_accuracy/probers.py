"""The probers that are compared, each as an unprivileged user gets to run it."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from operations.project import ROOT

from .network import TARGET_ADDRESS, Network

TIMEOUT_SECONDS = 0.9
NOBODY = "65534"

_ICMPLIB = """
import icmplib, sys
host = icmplib.ping(sys.argv[1], count=int(sys.argv[2]), interval=float(sys.argv[3]),
                    timeout=float(sys.argv[4]), privileged=False)
print(*host.rtts)
"""


class Run(NamedTuple):
    """What a prober reported, in seconds, in order; None for a probe that it holds lost."""

    samples: list[float | None]
    warm_ups: int = 0


class Laboratory:
    """Where commands run: in the probe's namespace, as nobody, with the project to read.

    The interpreter and the package are bound to a folder that nobody may enter, since they may
    lie in somebody's home; the mounts end with the command.
    """

    def __init__(self, network: Network, scratch: Path) -> None:
        self._network = network
        self._mounts = {
            scratch / "python": Path(sys.base_prefix),
            scratch / "probe": ROOT / "functions" / "latency_probe",
            scratch / "operations": ROOT / "operations",
        }
        spec = importlib.util.find_spec("icmplib")
        if spec and spec.origin:
            self._mounts[scratch / "site"] = Path(spec.origin).parents[1]
        for folder in self._mounts:
            folder.mkdir()
        scratch.chmod(0o755)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.python = str(scratch / "python" / "bin" / version)
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{scratch}:{scratch / 'probe'}:{scratch / 'site'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LD_LIBRARY_PATH": str(scratch / "python" / "lib"),
        }

    def run(self, before: Sequence[str], *command: str) -> subprocess.CompletedProcess[str]:
        """Run *command* with *before* in front of it."""
        mounts = "; ".join(f"mount --bind {source} {at}" for at, source in self._mounts.items())
        drop = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups"
        return subprocess.run(
            [
                *before,
                *("ip", "netns", "exec", self._network.probe),
                *("/bin/sh", "-euc", f'{mounts}; exec {drop} "$@"', "sh", *command),
            ],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


class Task(NamedTuple):
    """So many probes to a port of the target, so many seconds apart, with a load in front."""

    before: Sequence[str]
    port: int
    probes: int
    interval: float


type Prober = Callable[[Laboratory, Task], Run]


def weir(
    laboratory: Laboratory,
    before: Sequence[str],
    method: str,
    ports: Sequence[int],
    count: int,
    interval: float,
) -> list[dict[str, Any]]:
    """Run the project's own command, and give what it says of each target."""
    finished = laboratory.run(
        before,
        *(laboratory.python, "-m", "operations.measure", "--json", "--method", method),
        *("--samples", str(count), "--interval", str(interval)),
        *("--timeout", str(TIMEOUT_SECONDS), *(f"{TARGET_ADDRESS}:{port}" for port in ports)),
    )
    if finished.returncode not in {0, 1}:
        raise RuntimeError(finished.stderr)
    targets: list[dict[str, Any]] = json.loads(finished.stdout)["targets"]
    return targets


def _weir(method: str) -> Prober:
    def probe(laboratory: Laboratory, task: Task) -> Run:
        (target,) = weir(laboratory, task.before, method, [task.port], task.probes, task.interval)
        return Run([_seconds(sample) for sample in target["samples_ms"]], warm_ups=1)

    return probe


def _fping(laboratory: Laboratory, task: Task) -> Run:
    finished = laboratory.run(
        task.before,
        *("fping", "-q", "-C", str(task.probes), "-p", str(int(task.interval * 1000))),
        *("-t", str(int(TIMEOUT_SECONDS * 1000)), TARGET_ADDRESS),
    )
    words = finished.stderr.partition(" : ")[2].split()
    return Run([None if word == "-" else float(word) / 1000 for word in words])


def _iputils(laboratory: Laboratory, task: Task) -> Run:
    finished = laboratory.run(
        task.before,
        *(
            "ping",
            "-n",
            "-c",
            str(task.probes),
            "-i",
            str(task.interval),
            "-W",
            str(TIMEOUT_SECONDS),
        ),
        TARGET_ADDRESS,
    )
    found = re.findall(r"icmp_seq=(\d+) .*time=([0-9.]+) ms", finished.stdout)
    times = {int(sequence): float(time) / 1000 for sequence, time in found}
    return Run([times.get(sequence) for sequence in range(1, task.probes + 1)])


def _icmplib(laboratory: Laboratory, task: Task) -> Run:
    finished = laboratory.run(
        task.before,
        *(laboratory.python, "-c", _ICMPLIB, TARGET_ADDRESS, str(task.probes), str(task.interval)),
        str(TIMEOUT_SECONDS),
    )
    # It keeps no place for a lost probe, so its times can be told apart only without loss.
    return Run([float(word) / 1000 for word in finished.stdout.split()])


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


OURS = "weir tcp"


def probers() -> dict[str, Prober]:
    """Give every prober that is installed here."""
    known: dict[str, tuple[bool, Prober]] = {
        OURS: (True, _weir("tcp")),
        "weir icmp": (importlib.util.find_spec("icmplib") is not None, _weir("icmp")),
        "fping": (shutil.which("fping") is not None, _fping),
        "iputils ping": (shutil.which("ping") is not None, _iputils),
        "icmplib ping": (importlib.util.find_spec("icmplib") is not None, _icmplib),
    }
    return {name: prober for name, (installed, prober) in known.items() if installed}
