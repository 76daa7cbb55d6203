"""One message from a file or standard input: its receipt, and where it lies once it is stored.

python -m operations.send [--contract email] [--file message.json] [--stack-name weir-dev]
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from .deployed import Deployed, find
from .stored import Stored
from .stored import find as find_stored
from .told import told

STORED_WITHIN_SECONDS = 60.0
PAUSE_SECONDS = 0.5


def read_message(file: str) -> bytes:
    """Return the bytes of the message in *file*; `-` or nothing is standard input."""
    if file in ("", "-"):
        if sys.stdin.isatty():
            print("Type the message as JSON, then Ctrl-D (or name a file: FILE=...)", flush=True)
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SystemExit(f"FILE={file} cannot be read: {error.strerror}") from None


def post(deployed: Deployed, contract: str, message: bytes) -> dict[str, Any]:
    """Send *message* as it is, and return the receipt; a refusal ends the program, explained."""
    path = f"/messages/{contract}" if contract else "/"
    body = b'{"data": ' + message + b"}"
    call = urllib.request.Request(  # noqa: S310 (http or https, from the stack's outputs)
        deployed.api_url + path,
        body,
        {"Authorization": f"Bearer {deployed.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:  # noqa: S310
            receipt: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(refusal(error.code, error.read())) from None
    except OSError as error:
        raise SystemExit(f"{deployed.api_url} cannot be reached ({error}): make up?") from None
    return receipt


def refusal(status: int, body: bytes) -> str:
    """Return what a problem says, with each fault on a line of its own."""
    try:
        problem = json.loads(body)
        head = f"Refused with {status}: {problem['title']}. {problem.get('detail', '')}".strip()
        faults = [
            f"  {fault.get('pointer') or 'the message'}: {fault['detail']}"
            for fault in problem.get("errors", [])
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return f"Refused with {status}: {body.decode(errors='replace')}"
    return "\n".join([head, *faults])


def await_stored(deployed: Deployed, receipt: dict[str, Any]) -> Stored | None:
    """Return where the message is, or nothing when it is not stored in time."""
    s3 = deployed.client("s3")
    deadline = time.monotonic() + STORED_WITHIN_SECONDS
    while not (found := find_stored(s3, deployed.bucket, receipt)):
        if time.monotonic() > deadline:
            return None
        time.sleep(PAUSE_SECONDS)
    return found


def main() -> None:
    """Send the message, and show its receipt and its place."""
    parser = argparse.ArgumentParser(prog="send", description=__doc__.split("\n\n")[0])
    parser.add_argument("--contract", default="", help="its contract; else the stack's default")
    parser.add_argument("--file", default="", help="the message as JSON; else standard input")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    arguments = parser.parse_args()
    with told():
        deployed = find(arguments.stack_name)
        message = read_message(arguments.file)
        started = time.monotonic()
        receipt = post(deployed, arguments.contract, message)
        print(json.dumps(receipt), flush=True)
        stored = await_stored(deployed, receipt)
        if stored is None:
            raise SystemExit(
                f"Not stored {STORED_WITHIN_SECONDS:.0f} s later. It is not lost: it waits in the"
                " queue. make logs FUNCTION=uploader says why."
            )
        print(f"s3://{deployed.bucket}/{stored.key}")
        print(f"stored {time.monotonic() - started:.1f} s after it was sent")


if __name__ == "__main__":
    main()
