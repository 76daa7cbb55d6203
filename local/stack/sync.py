"""`make sync`: a change of code runs a few seconds after it is saved, by `sam sync`.

SAM watches the files, builds a function that changed and updates it, without CloudFormation. What
it prints is cut down to what a developer waits for. `make up` brings the stack back to what is
deployed.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from operations.project import ROOT, SAM

from .deployment import ARCHITECTURE, STAGE
from .local_stack import REGION, Keys, LocalStack, StackError

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# SAM's own words: what it says, and what a developer is to read.
WATCHING = "Sync watch started"
BEGINS = re.compile(r"Syncing Lambda Function (\w+)")
ENDS = re.compile(r"Finished syncing Lambda Function (\w+)")
FAULT = re.compile(r"Error compiling|Error:|encountered an error|[Ff]ailed")
IN_CODE = re.compile(r"Error compiling '.*/build/(.*)'")
# The last line of what Python says about code that does not compile.
SAID = re.compile(r"\w+Error: ")


def command(stack: LocalStack) -> list[str]:
    """Return the call of SAM."""
    return [
        *(*SAM, "sync", "--code", "--watch", "--no-dependency-layer"),
        *("--stack-name", f"weir-{STAGE}", "--region", REGION),
        *("--template-file", str(ROOT / "template.yaml")),
        "--parameter-overrides",
        *(f"Architecture={ARCHITECTURE}", f"Stage={STAGE}", f"AwsEndpointUrl={stack.endpoint_url}"),
    ]


def told(lines: Iterable[str]) -> Iterator[str]:
    """Yield what of SAM's *lines* matters: what changed, when it runs, and what is wrong.

    Of a fault SAM tells the same many times; its first words are enough.
    """
    begun: dict[str, float] = {}
    watching = faulty = quoting = False
    for raw in lines:
        line = COLOUR.sub("", raw).rstrip()
        if quoting:
            yield f"    {line}"
            quoting = not SAID.match(line)
        elif WATCHING in line:
            watching = True
            yield "Watching functions/ (Ctrl-C ends it; make up goes back to what is deployed)"
        elif found := BEGINS.search(line):
            if not begun:
                faulty = False
            begun[found[1]] = time.monotonic()
            yield f"{clock()} {found[1]} changed"
        elif found := ENDS.search(line):
            seconds = time.monotonic() - begun.pop(found[1], time.monotonic())
            yield f"{clock()} {found[1]} runs the change ({seconds:.1f} s)"
        elif watching and not faulty and FAULT.search(line):
            faulty = True
            begun.clear()
            code = IN_CODE.search(line)
            quoting = bool(code)
            what = f"{code[1]} does not compile" if code else line.strip()
            yield f"{clock()} not taken, the code before goes on: {what}"


def clock() -> str:
    """Return the time of day."""
    return time.strftime("%H:%M:%S")


def sync(stack: LocalStack) -> None:
    """Watch until Ctrl-C, and say what happens; the whole of SAM's words goes into a log."""
    summary = stack.read_summary()
    if not summary:
        raise StackError("No stack runs on this machine: make up")
    keys = Keys(summary["access_key_id"], summary["secret_access_key"])
    user = {"PATH": os.environ.get("PATH", os.defpath)}
    environment = stack.build_environment() | stack.sealed_environment(keys) | user
    log = stack.logs / "sam-sync.log"
    print("Starting sam sync", flush=True)
    process = subprocess.Popen(
        command(stack),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdin  # noqa: S101 (for the type checker)
    assert process.stdout  # noqa: S101
    try:
        process.stdin.write("Y\n")  # SAM asks whether this is a stack for development
        process.stdin.close()
        for sentence in told(kept(process.stdout, log)):
            print(sentence, flush=True)
        if process.wait():
            raise StackError(f"sam sync ended; {log} says why.")
    except KeyboardInterrupt:
        print("Ended.", file=sys.stderr)
    finally:
        end(process)


def kept(lines: Iterable[str], log: Path) -> Iterator[str]:
    """Yield *lines*, and keep each in *log*."""
    with log.open("w") as file:
        for line in lines:
            file.write(line)
            file.flush()
            yield line


def end(process: "subprocess.Popen[str]") -> None:
    """End SAM, which cleans up when it is interrupted."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
