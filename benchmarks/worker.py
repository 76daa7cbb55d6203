"""Calls one contender many times and tells what a call costs; runs alone, with its package's path.

The job comes as JSON on standard input and the result goes to the file that it names, because a
function's standard output is its log, whose bytes are counted.
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
    """What Lambda tells about one invocation."""

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
    """Do the job."""
    job = json.load(sys.stdin)
    sys.path.insert(0, job["package"])
    module = importlib.import_module(job["module"])
    call = as_lambda(module)
    for _ in range(job["warm_up"]):
        assert call(job["event"]) == job["status"]

    logged = os.fstat(1).st_size
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(job["calls"]):
        assert call(job["event"]) == job["status"]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    sys.stdout.flush()
    result = {
        "cpu_ms": cpu / job["calls"] * 1000,
        "wall_ms": wall / job["calls"] * 1000,
        "log_bytes": (os.fstat(1).st_size - logged) / job["calls"],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with open(job["result"], "w") as file:  # noqa: PTH123 - pathlib is not every contender's
        json.dump(result, file)


if __name__ == "__main__":
    main()
