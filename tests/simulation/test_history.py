"""What real events of AWS would have done to Weir: delayed, and lost nothing."""

import pytest

from .history import EVENTS, S3_2017, US_EAST_1_2025, Event, HistoricWorld
from .world import Code


@pytest.mark.parametrize("number", [0, 1], ids=["message", "batch"])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_nothing_is_lost_and_all_is_stored_within_half_an_hour_after(
    loaded: tuple[Code, str], event: Event, number: int
) -> None:
    """No dead letter either, so that nobody has to do anything."""
    world = HistoricWorld(event, number, loaded[0])

    report = world.run()

    assert report.faults == []
    assert world.queue.buried == 0
    assert len(world.checker.promises) >= len(world.orders) / 2
    last = max(change.moment for change in world.bucket.changes) - world.epoch
    assert last < max(order.moment for order in world.orders) + 1800


def test_without_s3_messages_are_taken_all_the_same(loaded: tuple[Code, str]) -> None:
    """Only a key needs S3: requests without one are answered 202 while it is gone."""
    world = HistoricWorld(S3_2017, 0, loaded[0])

    world.run()

    during = [
        order
        for order in world.orders
        if 600 <= order.moment < 600 + 150 * 60 and order.key is None
    ]
    promised = {promise.order.name for promise in world.checker.promises}
    assert len(during) > 45
    assert sum(order.name in promised for order in during) >= 0.98 * len(during)


def test_the_pollers_are_away_for_nine_hours(loaded: tuple[Code, str]) -> None:
    """As published: from 23:51 to 4:40, and from 7:04 to 11:27; 14.5 hours in all."""
    stopped = [each for each in US_EAST_1_2025.outages if each.service == "pollers"]

    assert sum(each.end - each.start for each in stopped[:2]) / 60 == pytest.approx(9.2, abs=0.1)
    assert US_EAST_1_2025.minutes / 60 == pytest.approx(14.5, abs=0.1)
