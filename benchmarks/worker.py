"""Calls one contender many times and says what a call costs; runs alone, with its package's path.

The job comes as JSON on standard input; for each further line it makes the job's calls once more.
Results go to the file descriptor that the job names, because a function's standard output is its
log, whose bytes are counted.
"""

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

type Call = Callable[[str], int]


class Context:
    """The context that Lambda gives to one invocation."""

    function_name = "benchmark"
    function_version = "$LATEST"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of a timeout of a minute."""
        return 60_000


def as_lambda(module: Any) -> Call:
    """Call as Lambda's runtime does, which reads the event and writes the answer as JSON."""

    def call(event: str) -> int:
        response = module.lambda_handler(json.loads(event), Context())
        json.dumps(response)
        return int(response.get("statusCode", 200))

    return call


def main() -> None:
    """Do the job, turn by turn."""
    job = json.loads(sys.stdin.readline())
    sys.path.insert(0, job["package"])
    module = importlib.import_module(job["module"])
    call = as_lambda(module)
    results = os.fdopen(job["results"], "w")
    for _ in range(max(1, job["calls"] // 10)):
        assert call(job["event"]) == job["status"]
    print(file=results, flush=True)
    for _ in sys.stdin:
        print(json.dumps(turn(call, job)), file=results, flush=True)


def turn(call: Call, job: dict[str, Any]) -> dict[str, float]:
    """Make the calls; return what one costs."""
    logged = os.fstat(1).st_size
    walls = []
    cpu = time.process_time()
    for _ in range(job["calls"]):
        start = time.perf_counter()
        assert call(job["event"]) == job["status"]
        walls.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    sys.stdout.flush()
    return {
        "cpu_ms": cpu / job["calls"] * 1000,
        "wall_ms": sorted(walls)[len(walls) // 2] * 1000,
        "log_bytes": (os.fstat(1).st_size - logged) / job["calls"],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
