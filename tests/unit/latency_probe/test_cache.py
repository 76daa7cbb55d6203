"""Keeping the newest measurement for a moment."""

from itertools import count

import pytest
from latency_probe.cache import Cache


class Wall:
    """A wall clock that stands where it is put."""

    def __init__(self) -> None:
        self.seconds = 1_756_468_800.0

    def __call__(self) -> float:
        """Give the time."""
        return self.seconds


def test_a_value_is_kept_for_its_lifetime_and_no_longer() -> None:
    """Scraping twice a second must not probe twice, and must not show old figures either."""
    wall, made = Wall(), count(1)
    cache = Cache(lambda _: next(made), 5.0, wall)

    first = cache.get(20.0)
    wall.seconds += 4.9
    second = cache.get(20.0)
    wall.seconds += 0.2
    third = cache.get(20.0)

    assert (first[0], second[0], third[0]) == (1, 1, 2)
    assert (first[1], second[1], third[1]) == pytest.approx((5.0, 0.1, 5.0))


def test_a_clock_set_back_does_not_keep_a_value_alive() -> None:
    """After a step back by an hour the value would otherwise stay for that hour."""
    wall, made = Wall(), count(1)
    cache = Cache(lambda _: next(made), 5.0, wall)

    cache.get(20.0)
    wall.seconds -= 3600

    assert cache.get(20.0)[0] == 2


def test_a_lifetime_of_0_always_measures() -> None:
    """The way to switch the cache off."""
    made = count(1)
    cache = Cache(lambda _: next(made), 0.0, Wall())

    assert [cache.get(20.0), cache.get(20.0)] == [(1, 0.0), (2, 0.0)]


def test_the_budget_reaches_what_measures() -> None:
    """The time left differs from call to call."""
    cache = Cache(lambda budget: budget, 5.0, Wall())

    assert cache.get(12.5)[0] == 12.5
