"""A smoke test: one message through a deployed stack, as a sender sees it.

python -m operations.smoke [--stack-name weir-prod]
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from .deployed import Deployed, find
from .stored import find as find_stored
from .told import told

STORED_WITHIN_SECONDS = 60.0
PAUSE_SECONDS = 1.0
MESSAGE = {
    "email_subject": "Smoke test",
    "email_sender": "delivery",
    "email_timestream": "1693561101",
    "email_content": "Stored by the pipeline after a deployment.",
}


def request(deployed: Deployed, path: str, body: Any = None) -> tuple[int, Any]:
    """Return the status and the JSON answer of *path*; POST when there is a *body*."""
    call = urllib.request.Request(  # noqa: S310 (http or https, from the stack's outputs)
        deployed.api_url + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {deployed.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, problem_of(error.read())


def problem_of(body: bytes) -> Any:
    """Return the problem in the *body* of a refusal; an empty one if another service wrote it."""
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def check_health(deployed: Deployed) -> str:
    """Return what is wrong with the stack's own word on its health; empty if nothing is."""
    status, answer = request(deployed, "/health")
    return "" if status == 200 and answer["status"] == "healthy" else f"answered {status}"


def check_message(deployed: Deployed) -> str:
    """Send one message and return what kept it from being stored in time; empty if nothing did.

    In layout `batch` the bucket is searched for it, if these credentials may read the bucket.
    """
    status, receipt = request(deployed, "/messages/email", {"data": MESSAGE})
    if status != 202:
        return f"was answered with {status}, not 202"
    deadline = time.monotonic() + STORED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        status, answer = request(deployed, f"/messages/email/{receipt['message_id']}")
        if status == 200:
            return ""
        if status == 404 and str(answer.get("type")).endswith("not-traceable"):
            try:
                if find_stored(deployed.client("s3"), deployed.bucket, receipt):
                    return ""
            except ClientError as error:
                print(f"          queued; whether it is stored cannot be seen: {error}", flush=True)
                return ""
        time.sleep(PAUSE_SECONDS)
    return f"{receipt['message_id']} is not stored {STORED_WITHIN_SECONDS:.0f} s after its 202"


def check_latency(deployed: Deployed) -> str:
    """Return why there is no latency measurement; empty if there is one."""
    status, answer = request(deployed, "/metrics")
    return "" if status == 200 and answer["latency_ms"] else f"answered {status}: {answer}"


CHECKS: dict[str, Callable[[Deployed], str]] = {
    "health": check_health,
    "message": check_message,
    "latency": check_latency,
}


def main() -> None:
    """Run every check, tell how each went, and exit with 1 when one failed."""
    parser = argparse.ArgumentParser(prog="smoke", description="Smoke test a deployed stack.")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    name = parser.parse_args().stack_name
    with told():
        deployed = find(name)
    faults = 0
    for name, check in CHECKS.items():
        started = time.monotonic()
        fault = check(deployed)
        faults += bool(fault)
        print(f"{name:<10}{fault or 'ok':<6}{time.monotonic() - started:7.1f} s", flush=True)
    sys.exit(min(faults, 1))


if __name__ == "__main__":
    main()
