"""What a query of one day costs and lasts, by layout and load: the table of docs/reading.md."""

from .extras import query
from .million import LAYOUTS, WINDOW_SECONDS, arriving
from .prices import ASSUMED, MILLION, together
from .report import dollars, table

RATES = (1, 10, 100)
SECONDS_A_DAY = 86_400


def objects_a_day(layout: str, rate: float) -> float:
    """Return the objects of a day with *rate* messages per second, of one contract."""
    size = arriving(rate, WINDOW_SECONDS) if layout == "batch" else 1
    return rate * SECONDS_A_DAY / size


def day_dollars(layout: str, rate: float) -> float:
    """Return what Athena and S3 take for a query that reads a day."""
    messages = rate * SECONDS_A_DAY / MILLION
    return together(query(layout, arriving(rate, WINDOW_SECONDS))) * messages


def day_seconds(layout: str, rate: float) -> float:
    """Return the least time of such a query: a GET for each object, as fast as S3 takes them."""
    return objects_a_day(layout, rate) / float(ASSUMED["s3_gets_per_second"])


def report() -> str:
    """Return the table."""
    rows = [
        (
            layout,
            f"{rate}",
            f"{objects_a_day(layout, rate):,.0f}",
            f"{day_seconds(layout, rate):,.0f}",
            dollars(day_dollars(layout, rate)),
        )
        for rate in RATES
        for layout in LAYOUTS
    ]
    header = ("Layout", "Messages per second", "Objects of a day", "Seconds, at least", "Dollars")
    return "\n".join(table(header, rows)) + "\n"
