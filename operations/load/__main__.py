"""Send many messages to a deployed stack, and count what was lost.

    python -m operations.load [--profile FILE] [--stack-name NAME]

Exits with 1 unless every accepted message is stored exactly once.
"""

# ruff: noqa: I001 (locust makes the standard library cooperative; what comes later must see that)
from locust.env import Environment  # type: ignore[import-not-found]

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]

from operations.deployed import Deployed, find
from operations.stored import message_ids

from .ledger import Ledger, Verdict
from .profile import DEFAULT, Profile, read
from .sender import Gate, sender

PROGRESS_SECONDS = 5.0


def main() -> int:
    """Run the profile and return the exit status of its verdict."""
    parser = argparse.ArgumentParser(prog="load", description="Load a stack and count losses.")
    parser.add_argument("--profile", type=Path, default=DEFAULT, help="what to send")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    arguments = parser.parse_args()
    profile, deployed = read(arguments.profile), find(arguments.stack_name)
    print(f"Sending {profile.messages} messages to {deployed.api_url}", flush=True)
    started = datetime.now(UTC)
    ledger, statistics = send_all(deployed, profile)
    seconds = (datetime.now(UTC) - started).total_seconds()
    print_statistics(statistics, len(ledger.accepted) / seconds)
    verdict = settle(deployed, profile, ledger, started)
    waiting = depth(deployed, deployed.dead_letter_queue_url)
    print(f"\n{verdict}; {ledger.refused} not accepted, {waiting} in the dead-letter queue")
    for reason, messages in ledger.reasons.most_common():
        print(f"{messages:8} not accepted: {reason}")
    return 0 if verdict.good else 1


def send_all(deployed: Deployed, profile: Profile) -> tuple[Ledger, Any]:
    """Send until all is accepted or a bound is met; return the ledger and the tool's figures."""
    ledger, gate = Ledger(profile.messages), Gate()
    users = sender(deployed.api_url, deployed.token, profile, ledger, gate)
    environment = Environment(user_classes=[users])
    runner = environment.create_local_runner()
    runner.start(profile.users, spawn_rate=profile.users)
    started = time.monotonic()
    while (
        len(ledger.accepted) < profile.messages
        and ledger.refused < profile.most_refused
        and time.monotonic() - started < profile.minutes * 60
    ):
        waiting = depth(deployed, deployed.queue_url)
        gate.open = waiting < profile.most_waiting
        print(
            f"{time.monotonic() - started:6.0f} s  accepted {len(ledger.accepted):>6}"
            f"  not accepted {ledger.refused:>4}  waiting {waiting:>6}",
            flush=True,
        )
        await_progress(ledger, profile.messages)
    runner.stop()
    return ledger, environment.stats


def await_progress(ledger: Ledger, messages: int) -> None:
    """Wait for the time of the next report, or for the last message to be accepted."""
    until = time.monotonic() + PROGRESS_SECONDS
    while time.monotonic() < until and len(ledger.accepted) < messages:
        gevent.sleep(0.1)


def settle(deployed: Deployed, profile: Profile, ledger: Ledger, since: datetime) -> Verdict:
    """Wait until what was accepted is stored, or for as long as the profile allows."""
    deadline = time.monotonic() + profile.settle_seconds
    while True:
        stored = message_ids(
            deployed.client("s3"), deployed.bucket, profile.contracts, since, datetime.now(UTC)
        )
        verdict = ledger.verdict(stored)
        if not verdict.missing or time.monotonic() > deadline:
            return verdict
        waiting = depth(deployed, deployed.queue_url)
        print(f"          stored   {verdict.stored:>6}  waiting {waiting:>6}", flush=True)
        gevent.sleep(PROGRESS_SECONDS)


def depth(deployed: Deployed, queue_url: str) -> int:
    """Return how many messages wait in a queue or are being worked on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = deployed.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def print_statistics(statistics: Any, rate: float) -> None:
    """Show how the API answered, by shape."""
    print(f"\n{rate:.0f} messages a second were accepted")
    for entry in statistics.entries.values():
        print(
            f"{entry.name:<16}{entry.num_requests:>7} requests  median"
            f" {entry.median_response_time:.0f} ms"
            f"  p95 {entry.get_response_time_percentile(0.95):.0f} ms"
            f"  p99 {entry.get_response_time_percentile(0.99):.0f} ms",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
