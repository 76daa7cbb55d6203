"""The comparison with AWS's own ways, against examples made by hand."""

import pytest

from operations.cost.million import ROUTES, bill
from operations.cost.neighbours import Neighbour, between, crossover, neighbours, weir_month
from operations.cost.prices import together
from operations.cost.rest import at_rest

MILLIONS_AT_ONE = 730 * 3600 / 1e6


def by_message(**prices: float) -> Neighbour:
    """Return a neighbour that is paid by the message."""
    return Neighbour("by message", "", "", prices, {})


def flat(dollars: float) -> Neighbour:
    """Return a neighbour that costs the same at any rate."""
    return Neighbour("flat", "", "", {}, {1.0: dollars, 1000.0: dollars})


def test_neighbours_cost_what_the_examples_say() -> None:
    """Firehose counts 1 kB as 5 KB; the floor is a request and a send."""
    guidance, firehose, floor = neighbours()

    assert firehose.dollars_a_million == pytest.approx(3.50 + 1e6 * 5 * 1024 / 2**30 * 0.029)
    assert floor.dollars_a_million == pytest.approx(1.40)
    assert guidance.dollars_a_million is None
    assert [guidance.month(rate) for rate in (1, 10, 55, 100, 1000)] == [132, 132, 150, 168, 532]


def test_between_two_points_is_the_line_and_beyond_the_last_it_goes_on() -> None:
    """Servers grow with the traffic, and cost the same below the least that was estimated."""
    points = {10.0: 100.0, 20.0: 200.0}

    assert [between(points, at) for at in (1, 10, 15, 20, 30)] == [100, 100, 150, 200, 300]


def test_weir_costs_its_rest_and_its_messages() -> None:
    """At one per second a batch is one message."""
    by_hand = together(at_rest(["traffic"])) + MILLIONS_AT_ONE * together(
        bill(ROUTES["plain"], "batch", 1)
    )

    assert weir_month(1, ROUTES["plain"], "batch") == pytest.approx(by_hand)


def test_at_the_crossover_both_cost_the_same() -> None:
    """Below it Weir costs less than what is kept running, above it more."""
    way = (ROUTES["plain"], "message")

    at = crossover(flat(200), *way)

    assert at is not None
    assert weir_month(at, *way) == pytest.approx(200)
    assert weir_month(at / 2, *way) < 200 < weir_month(at * 2, *way)


def test_without_a_crossover_there_is_none() -> None:
    """What costs less at every rate never meets Weir."""
    assert crossover(flat(1), ROUTES["plain"], "message") is None
    assert crossover(by_message(http_api_request=1), ROUTES["plain"], "message") is None
