"""Calls the validator's handler and says what the handler alone takes; runs alone.

The job comes as JSON on standard input; the answer to each further line, a number of calls, goes as
JSON to the file descriptor that the job names, because standard output is the function's log.
"""

import ctypes
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


class Context:
    """The context that Lambda gives to one invocation."""

    function_name = "benchmark"
    function_version = "$LATEST"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def __init__(self, remaining_ms: int) -> None:
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the time-out."""
        return self._remaining_ms


def main() -> None:
    """Do the job, line by line."""
    job = json.loads(sys.stdin.readline())
    sys.path.insert(0, job["package"])
    handle = importlib.import_module(job["module"]).lambda_handler
    context = Context(job["remaining_ms"])
    handle(json.loads(job["warm_up"]), context)
    with os.fdopen(job["results"], "w") as results:
        print(file=results, flush=True)
        for line in sys.stdin:
            print(json.dumps(measure(handle, job["event"], context, int(line))), file=results)
            results.flush()


def measure(handle: Any, event: str, context: Context, calls: int) -> dict[str, Any]:
    """Make *calls*; return what each takes, the first one's memory and the last one's answer."""
    sys.stdout.flush()
    logged = os.fstat(1).st_size
    handler_cpu = peak_mb = 0.0
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(calls):
        parsed = json.loads(event)
        before_mb = note_peak_from_now() if number == 0 else 0.0
        started = time.process_time()
        answer = handle(parsed, context)
        handler_cpu += time.process_time() - started
        if number == 0:
            peak_mb = memory_mb("VmHWM") - before_mb
    sys.stdout.flush()
    results = json.loads(answer.get("body") or "{}").get("results", [])
    return {
        "cpu_ms": handler_cpu / calls * 1000,
        "whole_cpu_ms": (time.process_time() - cpu) / calls * 1000,
        "wall_ms": (time.perf_counter() - wall) / calls * 1000,
        "peak_mb": peak_mb,
        "log_bytes": (os.fstat(1).st_size - logged) / calls,
        "status": answer["statusCode"],
        "queued": [each["index"] for each in results if each["http_status"] == 202],
    }


def note_peak_from_now() -> float:
    """Give free memory back, let the kernel note the peak from now on, and return what is held."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return memory_mb("VmRSS")


def memory_mb(name: str) -> float:
    """Return the figure *name* of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [found] = [line for line in lines if line.startswith(name)]
    return int(found.split()[1]) / 1024


if __name__ == "__main__":
    main()
