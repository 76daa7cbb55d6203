"""Init CPU: what a fresh process spends on importing a function's handler and making its clients.

Lambda's own runtime is loaded in every process, and what it costs is measured alone and taken off:
no function can change it. `-B` keeps Python from writing bytecode, as the read-only /var/task does.
The process ends as soon as the handler is ready: Lambda never pays for the interpreter's teardown.
"""

import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from .contenders import Contender, StubAws, environment, stock, usual, weir
from .packages import FOLDER, FUNCTIONS, PYTHON

type Measure = Callable[[list[str], dict[str, str]], float]

RUNTIME = Contender("Lambda's runtime alone", FOLDER / "runtime", "")


def cpu_ms(command: list[str], env: dict[str, str]) -> float:
    """Return the milliseconds of CPU, user and system, that *command* takes."""
    process = os.posix_spawn(command[0], command, env)
    _, status, usage = os.wait4(process, 0)
    assert status == 0, command
    return (usage.ru_utime + usage.ru_stime) * 1000


def million_instructions(command: list[str], env: dict[str, str]) -> float:
    """Return the instructions that *command* executes, as valgrind counts them: almost no noise."""
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
        valgrind.append(f"--cachegrind-out-file={folder}/out")
        done = subprocess.run(
            [*valgrind, *command],
            env=env | {"PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"I *refs: *([\d,]+)", done.stderr)
    assert found
    return int(found[1].replace(",", "")) / 1e6


def init(contender: Contender, stub: StubAws, measure: Measure) -> float:
    """Measure one cold start of *contender*."""
    code = f"import sys; sys.path[:0] = [{str(contender.package)!r}]\n"
    code += f"sys.path += [{str(RUNTIME.package)!r}]; import awslambdaric.bootstrap\n"
    code += f"import {contender.module}\n" if contender.module else ""
    code += "import os; os._exit(0)"
    # As in Lambda, where the Tracer is on.
    env = environment(contender, stub) | {"LAMBDA_TASK_ROOT": str(contender.package)}
    del env["POWERTOOLS_TRACE_DISABLED"]
    return measure([PYTHON, "-s", "-P", "-B", "-c", code], env)


def report(stub: StubAws, rounds: int, measure: Measure, unit: str) -> None:
    """Print each function's init beside its rivals', all measured in turn."""
    subprocess.run([PYTHON, "-m", "compileall", "-q", str(RUNTIME.package)], check=True)
    print(f"\n## Init CPU ({unit}, {rounds} rounds: median and quartiles)\n")
    print("| Function | Package | Whole process | Its own | Weir's own / this | whole / this |")
    print("|---|---|---|---|---|---|")
    for function in FUNCTIONS:
        contenders = [RUNTIME, weir(function), stock(function), usual(function)]
        if function == "validator":
            authorizer = Path(weir(function).package), "validator.authorizer"
            contenders.append(Contender("Weir, authorizer", *authorizer))
            stocked = Path(stock(function).package), "validator.authorizer"
            contenders.append(Contender("stock builder, authorizer", *stocked))
        taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
        for _ in range(rounds):
            for contender in contenders:
                taken[contender.name].append(init(contender, stub, measure))
        _rows(function, taken)


def _rows(function: str, taken: dict[str, list[float]]) -> None:
    medians = {name: statistics.median(values) for name, values in taken.items()}
    runtime = medians[RUNTIME.name]
    for name, values in taken.items():
        low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
        base = "Weir, authorizer" if name.endswith("authorizer") else "Weir"
        own = medians[name] - runtime
        ratios = ["", ""]
        if name not in (RUNTIME.name, base):
            ratios = [
                f"**{(medians[base] - runtime) / own:.2f}**",
                f"{medians[base] / medians[name]:.2f}",
            ]
        whole = f"{medians[name]:.0f} ({low:.0f} to {high:.0f})"
        print(f"| {function} | {name} | {whole} | {own:.0f} | {' | '.join(ratios)} |")
