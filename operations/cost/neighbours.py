"""What AWS's own ways cost instead, and from which rate on Weir costs more."""

from dataclasses import dataclass
from itertools import pairwise

from .million import ROUTES, WINDOW_SECONDS, Route, arriving, bill
from .prices import DATA, MILLION, SECONDS_A_MONTH, price, together
from .rest import at_rest

STEPS = 200  # of a bisection: far below a cent


@dataclass(frozen=True)
class Neighbour:
    """Another way to take messages in: dollars per message, or per month at some rates."""

    name: str
    address: str
    note: str
    per_message: dict[str, float]
    by_rate: dict[float, float]

    @property
    def dollars_a_million(self) -> float | None:
        """Dollars per million messages, where they do not depend on the rate."""
        if not self.per_message:
            return None
        return MILLION * sum(count * price(name) for name, count in self.per_message.items())

    def month(self, rate: float) -> float:
        """Return the dollars of a month at *rate* messages per second, one per request."""
        if (dollars := self.dollars_a_million) is not None:
            return dollars * rate * SECONDS_A_MONTH / MILLION
        return between(self.by_rate, rate)


def between(points: dict[float, float], at: float) -> float:
    """Return the value of *at* on the line through the two *points* next to it."""
    known = sorted(points.items())
    if at <= known[0][0]:
        return known[0][1]  # what is kept running is paid for at any lower rate too
    (low, below), (high, above) = next(
        (pair for pair in pairwise(known) if at <= pair[1][0]), (known[-2], known[-1])
    )
    return below + (above - below) * (at - low) / (high - low)


def neighbours() -> list[Neighbour]:
    """Return the neighbours of the data file."""
    return [
        Neighbour(
            each["name"],
            each["address"],
            each["note"],
            each.get("per_message", {}),
            {float(rate): dollars for rate, dollars in each.get("month", {}).items()},
        )
        for each in DATA["neighbour"]
    ]


def weir_month(rate: float, route: Route, layout: str) -> float:
    """Return the dollars of a month of Weir, with its probe, alarms and dashboard."""
    millions = rate * SECONDS_A_MONTH / MILLION
    lines = bill(route, layout, arriving(rate, WINDOW_SECONDS))
    return together(at_rest(("traffic",))) + millions * together(lines)


def crossover(
    neighbour: Neighbour, route: Route, layout: str, highest: float = 1000
) -> float | None:
    """Return the rate at which *neighbour* and Weir cost the same; None if they never do."""

    def difference(rate: float) -> float:
        return weir_month(rate, route, layout) - neighbour.month(rate)

    low, high = 1e-6, highest
    if (difference(low) > 0) == (difference(high) > 0):
        return None
    rises = difference(high) > 0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if (difference(middle) > 0) == rises:
            high = middle
        else:
            low = middle
    return high


WAYS = (
    ("one per request, one object each", ROUTES["plain"], "message"),
    ("one per request, layout batch", ROUTES["plain"], "batch"),
    ("100 per request, layout batch", ROUTES["batch-100"], "batch"),
)
