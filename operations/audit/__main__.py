"""Names each accepted message that is not stored, queued or quarantined.

    python -m operations.audit [--stack-name weir-dev] [--from 24h] [--to 2026-01-15T10:00]

Compares the ids that the validator logged as queued with the ids in the bucket. Whatever is in
no object is looked for in quarantine and in both queues, where each look counts as one receive of
a message. The AWS account and region are those of the caller's environment, as for the AWS CLI;
without a stack's name it is the one that `make up` started.

The exit code is 0 if every message is accounted for, 1 if one is missing or has two objects in
layout `message`, 3 if one may be in a queue that hides it now, and 2 if nothing could be audited.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.deployed import on_this_machine, outputs, read_stack

from .ledger import Ledger
from .places import HIDDEN_LETTER_SECONDS, HIDDEN_SECONDS, Bucket, Queue, read_log
from .window import UnauditableError, Window, moment

PROGRESS_SECONDS = 2.0
PAUSE_SECONDS = 10
MINUTE = "%Y-%m-%dT%H:%MZ"
INEXACT = (
    "CloudWatch does not promise to keep each log line: a message whose line was not delivered is"
    " not looked for."
)


class Stack(NamedTuple):
    """A deployed stack, as far as an audit needs it."""

    log_group: str
    bucket: str
    queue_url: str
    dead_letter_queue_url: str
    log_days: int
    message_days: int
    client: Any

    @classmethod
    def find(cls, name: str) -> "Stack":
        """Return the stack *name*, or the one on this machine."""
        client: Any = boto3.client
        if not name:
            name, client = read_stack()["stack_name"], on_this_machine().client
        formation = client("cloudformation")
        found = outputs(formation, name)
        pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
        resources = {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
        }
        parameters = formation.describe_stacks(StackName=name)["Stacks"][0].get("Parameters", [])
        given = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}
        return cls(
            log_group=resources["ValidatorLogGroup"],
            bucket=found["MessageBucketName"],
            queue_url=found["MessageQueueUrl"],
            dead_letter_queue_url=found["DeadLetterQueueUrl"],
            log_days=int(given.get("LogRetentionInDays", 0)),
            message_days=int(given.get("ExpireAfterInDays", 0)),
            client=client,
        )


class Progress:
    """Says now and then how far something has come."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS

    def __call__(self, what: str, count: int) -> None:
        """Say that *count* of *what* were read, unless it was said a moment ago."""
        if time.monotonic() >= self._next:
            print(f"  {count} {what} ...", file=sys.stderr, flush=True)
            self._next = time.monotonic() + PROGRESS_SECONDS


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    parser.add_argument(
        "--from",
        dest="since",
        default="24h",
        help="2026-01-15T10:00, or so long ago: 90m, 6h, 2d (%(default)s)",
    )
    parser.add_argument(
        "--to", dest="until", default="0m", help="the same; requests before it (now)"
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=120,
        help="seconds to wait for messages that a queue hides (%(default)s)",
    )
    return parser.parse_args(arguments)


def audit(
    stack: Stack, window: Window, wait_seconds: float, progress: Callable[[str, int], None]
) -> tuple[Ledger, int]:
    """Fill a ledger; return it with the number of messages that the queue hides."""
    ledger = Ledger()
    sqs = stack.client("sqs")
    bucket = Bucket(stack.client("s3"), stack.bucket, window)
    queue = Queue(sqs, stack.queue_url, "in the queue", HIDDEN_SECONDS)
    letters = Queue(
        sqs, stack.dead_letter_queue_url, "in the dead-letter queue", HIDDEN_LETTER_SECONDS
    )
    read_log(stack.client("logs"), stack.log_group, window, ledger, progress)
    deadline = time.monotonic() + wait_seconds
    bucket.read_objects(ledger, progress)
    bucket.read_batches(ledger, progress)
    while ledger.not_stored:
        hidden = queue.hidden() + letters.hidden()
        bucket.read_quarantine(ledger, progress)
        letters.look(ledger.not_stored, ledger, progress)
        queue.look(ledger.not_stored, ledger, progress)
        # Last, as what was in none of them may have been on its way into the bucket.
        bucket.read_objects(ledger, progress)
        bucket.read_batches(ledger, progress)
        if not ledger.missing or not hidden or time.monotonic() > deadline:
            return ledger, hidden
        print(
            f"  {len(ledger.missing)} not found, {hidden} hidden in the queues ...", file=sys.stderr
        )
        time.sleep(PAUSE_SECONDS)
    return ledger, 0


def show(ledger: Ledger, hidden: int, window: Window) -> int:
    """Print what was found; return the exit code."""
    missing, not_stored, twice = ledger.missing, ledger.not_stored, ledger.twice(*window)
    stored = len(ledger.accepted) - len(not_stored)
    word = "UNACCOUNTED" if hidden else "MISSING"
    for message_id in sorted(missing):
        sender = ledger.accepted[message_id]
        print(f"{word} {message_id} client={sender.client} contract={sender.contract}")
    for message_id, keys in twice.items():
        print(f"TWICE {message_id} " + " ".join(keys))
    print(
        f"{len(ledger.accepted):8} accepted from {window.since:{MINUTE}} to {window.until:{MINUTE}}"
    )
    print(f"{stored:8} stored")
    for place, ids in sorted(ledger.places.items()):
        print(f"{len(ids & not_stored):8} {place}")
    if hidden:
        print(f"{len(missing):8} unaccounted: the queues hide {hidden} messages now, run it again")
    else:
        print(f"{len(missing):8} missing")
    print(f"{len(twice):8} stored twice in layout message")
    print(f"{ledger.repeated:8} with several lines in layout batch, which is no fault")
    print(
        f"{ledger.unpromised(*window):8} stored and not in the log, which is no fault: the sender"
        " got no 202, or the line was not delivered"
    )
    print(INEXACT)
    if twice or (missing and not hidden):
        return 1
    return 3 if missing else 0


def main(command_line: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = parse(command_line)
    now = datetime.now(UTC)
    try:
        window = Window(moment(arguments.since, now), moment(arguments.until, now))
        stack = Stack.find(arguments.stack_name)
        window.refuse_what_is_gone(now, stack.log_days, stack.message_days)
        ledger, hidden = audit(stack, window, arguments.wait, Progress())
    except KeyboardInterrupt:
        print("Interrupted; nothing was changed.", file=sys.stderr)
        return 130
    except (UnauditableError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
        return 2
    return show(ledger, hidden, window)


if __name__ == "__main__":
    sys.exit(main())
