"""Puts messages back into the queue, from the dead-letter queue and from quarantine.

    python -m operations.replay --stack-name weir-dev [--source quarantine] [--apply]

Shows what would be put back, and puts it back with --apply. Run it again after an interruption:
what has been put back is gone from its place. The AWS account, region and endpoint are those of
the caller's environment, as for the AWS CLI.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import chain

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from operations.deployed import outputs

from .candidate import Candidate, Selection
from .dead_letters import REASON, dead_letters, waiting
from .quarantine import quarantined
from .replay import pace, replay

OUTPUTS = {
    "queue_url": "MessageQueueUrl",
    "dead_letter_queue_url": "DeadLetterQueueUrl",
    "bucket": "MessageBucketName",
}


def moment(text: str) -> datetime:
    """Return an ISO 8601 time, UTC unless it says otherwise, or so long ago: 90m, 6h, 2d."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if text[-1:] in units and text[:-1].isdigit():
        return datetime.now(UTC) - timedelta(**{units[text[-1]]: int(text[:-1])})
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="replay", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stack-name", help="read queues and bucket from this stack's outputs")
    parser.add_argument("--queue-url", help="where to put messages")
    parser.add_argument("--dead-letter-queue-url", help="where to take dead letters")
    parser.add_argument("--bucket", help="where quarantine is")
    parser.add_argument("--source", choices=["dead-letter", "quarantine", "all"], default="all")
    parser.add_argument("--reason", action="append", default=[], help="only these; repeatable")
    parser.add_argument("--since", type=moment, help="sent at or after: 2026-01-15T10:00 or 6h")
    parser.add_argument("--until", type=moment, help="sent before")
    parser.add_argument("--rate", type=float, default=50, help="messages a second (%(default)s)")
    parser.add_argument("--apply", action="store_true", help="do it; without, only show")
    parsed = parser.parse_args(arguments)
    if parsed.rate <= 0:
        parser.error("--rate must be above 0")
    if not parsed.stack_name and not all(getattr(parsed, name) for name in OUTPUTS):
        parser.error("give --stack-name, or --queue-url, --dead-letter-queue-url and --bucket")
    return parsed


def fill_in(arguments: argparse.Namespace) -> None:
    """Take what the command line leaves open from the stack's outputs."""
    if not arguments.stack_name:
        return
    found = outputs(boto3.client("cloudformation"), arguments.stack_name)
    for name, output in OUTPUTS.items():
        if not getattr(arguments, name):
            setattr(arguments, name, found[output])


def show_progress(candidates: Iterator[Candidate], verb: str) -> Iterator[Candidate]:
    """Pass *candidates* on and say now and then how many there were."""
    for number, candidate in enumerate(candidates, 1):
        yield candidate
        if number % 100 == 0:
            print(f"  {number} {verb} ...", file=sys.stderr, flush=True)


def main(command_line: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = parse(command_line)
    count: Counter[str] = Counter()
    verb = "put back" if arguments.apply else "would be put back"
    try:
        fill_in(arguments)
        sqs, s3 = boto3.client("sqs"), boto3.client("s3")
        selection = Selection(frozenset(arguments.reason), arguments.since, arguments.until)
        looked_at: set[str] = set()
        letters = dead_letters(sqs, arguments.dead_letter_queue_url, selection, looked_at)
        refused = quarantined(s3, arguments.bucket, selection)
        sources = {"dead-letter": [letters], "quarantine": [refused], "all": [letters, refused]}
        there = 0
        if arguments.source != "quarantine":
            there = waiting(sqs, arguments.dead_letter_queue_url)
        with closing(letters):
            candidates = show_progress(chain(*sources[arguments.source]), verb)
            if arguments.apply:
                replay(candidates, sqs, arguments.queue_url, pace(arguments.rate), count)
            else:
                count.update(candidate.reason for candidate in candidates)
        if len(looked_at) < there:
            print(
                f"Looked at {len(looked_at)} of about {there} dead letters: SQS or another run"
                " hides the rest. Run it again in five minutes.",
                file=sys.stderr,
            )
            return 1
    except KeyboardInterrupt:
        print("Interrupted; run it again to go on.", file=sys.stderr)
        return 130
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
        return 1
    finally:
        for reason, messages in sorted(count.items()):
            place = "dead-letter queue" if reason == REASON else "quarantine"
            print(f"{messages:8} {verb} from the {place}: {reason}")
        print(
            f"{count.total():8} {verb}"
            + ("" if arguments.apply else "; make replay APPLY=1 (or --apply) does it")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
