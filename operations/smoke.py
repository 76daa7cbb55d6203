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
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from canary.api import Api
from canary.message import UnprovenError, judge, received_at

from .deployed import Deployed, find
from .stored import find as find_stored
from .told import told

PAUSE_SECONDS = 1.0
# The canary's own contract is the canary's alone; this one takes its message too.
CONTRACT = "any-object"


def request(deployed: Deployed, path: str) -> tuple[int, Any]:
    """Return the status and the JSON answer of *path*."""
    call = urllib.request.Request(  # noqa: S310 (http or https, from the stack's outputs)
        deployed.api_url + path, headers={"Authorization": f"Bearer {deployed.token}"}
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
    """Send the canary's message and return what is wrong with it; empty if nothing is.

    In layout `batch` the bucket is searched for it, if these credentials may read the bucket.
    """
    api = Api(deployed.api_url, [deployed.token], CONTRACT)
    try:
        message_id = api.send(datetime.now(UTC))
        started = time.monotonic()
        while True:
            # By the stack's clock: this machine's may be wrong.
            now = received_at(message_id) + timedelta(seconds=time.monotonic() - started)
            _, fault = judge(message_id, stored_at(deployed, api, message_id, now), now)
            if fault is not None:
                return fault and f"{message_id} was {fault}"
            time.sleep(PAUSE_SECONDS)
    except UnprovenError as error:
        return str(error)


def stored_at(deployed: Deployed, api: Api, message_id: str, now: datetime) -> datetime | None:
    """Return when the message was stored; *now* if the bucket has it, or may not be read."""
    try:
        return api.stored_at(message_id)
    except UnprovenError as error:
        if not str(error).endswith(" 404"):
            raise
    received = received_at(message_id).isoformat()
    receipt = {"message_id": message_id, "contract": CONTRACT, "received_at": received}
    try:
        return now if find_stored(deployed.client("s3"), deployed.bucket, receipt) else None
    except ClientError as error:
        print(f"          queued; whether it is stored cannot be seen: {error}", flush=True)
        return now


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
