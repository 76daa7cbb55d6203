"""A month at a rate is the month at rest, its millions of messages, and its options."""

import pytest

from operations.cost.extras import stored
from operations.cost.million import ROUTES, bill
from operations.cost.month import month
from operations.cost.prices import together
from operations.cost.rest import at_rest

PLAIN = ROUTES["plain"]
MILLIONS = 10 * 730 * 3600 / 1e6
RISING = 0.5  # what is kept grows from nothing to the whole month's


def test_month_without_options() -> None:
    """Ten per second are 26.28 million; nothing is traced, not even the probe."""
    rest = [line for line in at_rest(["traffic"]) if line.price_name != "xray_trace"]
    by_hand = (
        together(rest)
        + MILLIONS * together(bill(PLAIN, "message", 10))
        + RISING * MILLIONS * together(stored("message", 10))
    )

    assert together(month(10, PLAIN, "message", options=[])) == pytest.approx(by_hand)


def test_backups_are_read_once_and_kept() -> None:
    """26.28 million objects: a GET and an event each, and half a month of 128 KB each."""
    with_backups = together(month(10, PLAIN, "message", options=["backups"]))
    without = together(month(10, PLAIN, "message", options=[]))

    more = MILLIONS * (1.40 + RISING * 1e6 * 128 / 2**20 * 0.05) + 0.10
    assert with_backups - without == pytest.approx(more)


def test_events_cost_a_dollar_per_million_objects() -> None:
    """StoredEvents has no filter, so each object is announced."""
    with_events = together(month(10, PLAIN, "message", options=["events"]))

    assert with_events - together(month(10, PLAIN, "message", options=[])) == pytest.approx(
        MILLIONS
    )


def test_size_of_a_batch_can_be_given() -> None:
    """Who sends in bursts has larger batches than the rate makes."""
    assert together(month(1, PLAIN, "batch", size=100)) < together(month(1, PLAIN, "batch"))
