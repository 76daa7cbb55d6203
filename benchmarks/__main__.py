"""Every comparison of docs/performance.md in one run: `make bench`.

Ratios carry over from machine to machine, milliseconds do not. Contenders are measured in turn,
round by round, so that what else the machine does falls on all of them.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import cost, growth, init_cpu, memory, packages, warm
from .contenders import stub_aws


def main() -> None:
    """Build, measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("parts", nargs="*", default=["init", "warm", "uploader", "cost", "growth"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=1000, help="requests in a round of `warm`")
    parser.add_argument("--sam", default=".venv-sam/bin/python", help="a Python that has SAM")
    parser.add_argument("--keep", action="store_true", help="measure what was built last time")
    arguments = parser.parse_args()
    if not arguments.keep:
        packages.build(str(Path(arguments.sam).absolute()))

    print(f"{_cpu()}, {os.cpu_count()} CPUs, {packages.ARCHITECTURE},", end=" ")
    print(f"Python {platform.python_version()}", flush=True)
    if "init" in arguments.parts:
        init_cpu.report(arguments.rounds, init_cpu.cpu_ms, "milliseconds")
        if shutil.which("valgrind"):
            init_cpu.report(1, init_cpu.million_instructions, "million instructions")
    with stub_aws() as port:
        if "warm" in arguments.parts:
            warm.report(port, arguments.rounds, arguments.calls)
        if "cost" in arguments.parts:
            validators, uploaders = cost.measure(port)
            cost.report(validators, uploaders)
            memory.report(
                validators["one message a request"],
                {layout: uploaders[layout, memory.BATCH] for layout in cost.LAYOUTS},
            )
        if "growth" in arguments.parts:
            growth.report(port)
    if "uploader" in arguments.parts:
        print("\n## Uploader throughput\n", flush=True)
        command = [sys.executable, str(packages.ROOT / "benchmarks" / "uploader_throughput.py")]
        subprocess.run(command, check=True)


def _cpu() -> str:
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0].partition(": ")[2] if names else platform.machine()


if __name__ == "__main__":
    main()
