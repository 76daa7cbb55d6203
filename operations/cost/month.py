"""The bill of one month at a rate."""

from collections.abc import Collection

from .extras import backed_up, backups_kept, stored, stored_events, tracing
from .million import WINDOW_SECONDS, Route, arriving, bill
from .prices import MILLION, SECONDS_A_MONTH, Line
from .rest import OPTIONS, at_rest

# Options of a month: those at rest, and those that cost by the message alone.
CHOICES = (*(name for name in OPTIONS if name != "traffic"), "tracing", "events")
DEFAULTS = ("tracing",)


def month(
    rate: float,
    route: Route,
    layout: str,
    contracts: int = 1,
    options: Collection[str] = DEFAULTS,
    size: float | None = None,
) -> list[Line]:
    """Return the lines of a month in which messages come at *rate* per second.

    Batches are as large as the rate makes them, unless *size* says otherwise. What is kept in S3
    and in backups is half of what the month brings, and in each later month all of it.
    """
    size = size or arriving(rate, WINDOW_SECONDS)
    millions = rate * SECONDS_A_MONTH / MILLION
    place = (layout, size, contracts)
    lines = bill(route, *place)
    if "tracing" in options:
        lines += tracing(route, size, rate)
    if "events" in options:
        lines += stored_events(*place)
    kept = stored(*place)
    if "backups" in options:
        lines += backed_up(*place)
        kept += backups_kept(*place)
    rest = at_rest(("traffic", *options))
    if "tracing" not in options:
        rest = [line for line in rest if line.price_name != "xray_trace"]
    return [
        *rest,
        *(Line(line.item, line.count * millions, line.price_name) for line in lines),
        *(Line(line.item, line.count * millions / 2, line.price_name) for line in kept),
    ]
