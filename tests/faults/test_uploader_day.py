"""An outage of S3 that lasts a day: what becomes of 20,000 messages, and what it costs."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from uploader.failures import LONE_RECEIVES, retry_delay

from operations.cost.prices import price
from tests.support.template import template

QUEUE = template()["Resources"]["MessageQueue"]["Properties"]
MESSAGES = 20_000
DAY = 24 * 3600
HALF_AN_HOUR = 1800
BATCH = 100  # as the template has it
WINDOW_SECONDS = 5
POLLERS = 5  # with which Lambda begins
MEMORY_GB = 1769 / 1024


@dataclass
class Outage:
    """The messages' receives during the outage and after it, each message on its own clock."""

    seconds: int
    max_receive_count: int
    receives: Counter[int]  # by window
    most_received: int = 0
    dead: int = 0
    last_stored: float = 0.0

    def suffer(self, chance: random.Random) -> None:
        """Let one message be received until it is stored or given up."""
        now, count = chance.uniform(0, WINDOW_SECONDS), 0
        while True:
            if count == self.max_receive_count:
                self.dead += 1
                return
            count += 1
            self.receives[int(now // WINDOW_SECONDS)] += 1
            if now >= self.seconds:
                break
            now += retry_delay(count, chance.uniform)
        self.most_received = max(self.most_received, count)
        self.last_stored = max(self.last_stored, now)


@pytest.fixture(scope="module")
def outage() -> Outage:
    """Send every message at the beginning of the outage, when it costs the most receives."""
    outage = Outage(DAY, QUEUE["RedrivePolicy"]["maxReceiveCount"], Counter())
    chance = random.Random(24)  # noqa: S311
    for _ in range(MESSAGES):
        outage.suffer(chance)
    return outage


def test_no_message_of_20_000_becomes_a_dead_letter(outage: Outage) -> None:
    """The longest outage of S3 or of Lambda's pollers in the last years took 15 hours."""
    assert outage.dead == 0
    assert outage.most_received < 0.7 * outage.max_receive_count


def test_all_are_stored_within_half_an_hour_of_its_end(outage: Outage) -> None:
    """Readers wait for the last retry; the writes themselves take seconds (docs/scaling.md)."""
    assert DAY <= outage.last_stored < DAY + HALF_AN_HOUR


def test_a_message_waits_out_the_day_in_the_queue() -> None:
    """What expires is gone without a dead letter."""
    assert QUEUE["MessageRetentionPeriod"] > 2 * DAY


def test_an_outage_rings_at_once_where_one_message_is_all_that_waits() -> None:
    """From the receive after these on, each failure counts as an error of the function."""
    longest = sum(retry_delay(count, max) for count in range(1, LONE_RECEIVES + 1))

    assert longest < 120


def test_what_it_costs_meanwhile(outage: Outage) -> None:
    """An outage that nobody could have prevented must not end in a bill that nobody expected."""
    receives = outage.receives.total()
    invocations = sum(max(min(n, POLLERS), -(-n // BATCH)) for n in outage.receives.values())
    concurrency = template()["Parameters"]["UploaderConcurrency"]["Default"]

    # An S3 that refuses costs the time of a PUT; one that is silent holds every environment.
    refusing = invocations * 0.2 * MEMORY_GB * price("lambda_gb_second")
    silent = concurrency * DAY * MEMORY_GB * price("lambda_gb_second")
    requests = invocations * price("lambda_request")
    queue = 3 * receives / 10 * price("sqs_request")  # received, and hidden twice

    print(
        f"\n{MESSAGES:,} messages, {outage.seconds // 3600} hours: {receives:,} receives, at most"
        f" {outage.most_received} of one; {invocations:,} invocations; all stored"
        f" {(outage.last_stored - DAY) / 60:.0f} minutes after the end\n"
        f"S3 refuses: ${refusing + requests + queue:.2f}; S3 is silent, every environment waits:"
        f" ${silent + requests + queue:.2f}"
    )
    assert silent + requests + queue < 25
