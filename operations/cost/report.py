"""The report of `make cost`, as Markdown: docs/costs.md holds the same text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from .extras import backed_up, backups_kept, query, stored, stored_events, tracing
from .million import BATCH_SIZES, LAYOUTS, ROUTES, WINDOW_SECONDS, Route, arriving, batches, bill
from .neighbours import WAYS, Neighbour, crossover, neighbours, weir_month
from .prices import DATA, MEASURED, Line, price, together
from .rest import OPTIONS, RELEASE, added_by, at_rest, came_since

CONTRACTS = (1, 3, 10, 30)
RATES = (1, 10, 100, 1_000)
WINDOWS = (1, 2, 5, 10, 20)  # from the least to the greatest that the template allows
WINDOW_RATES = (1, 10, 100)
EXAMPLE = ("plain", "message", 100)


def report() -> str:
    """Return the whole report."""
    head = (
        f"List prices of us-east-1, the newest of {newest_price()}; CPU and logs measured on"
        f" {MEASURED['date']}. Free tiers and volume discounts are left out."
    )
    parts = (_at_rest, _per_million, _example, _contracts, _windows, _options, _tracing, _queries)
    sections = (part() for part in (*parts, _neighbours, _prices))
    return "\n".join([head, *(line for section in sections for line in ("", *section))]) + "\n"


def newest_price() -> date:
    """Return the day on which the newest of the prices was looked up."""
    newest: date = max(each["date"] for each in DATA["price"].values())
    return newest


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| " + " | ".join(header) + " |"
    yield "|---" * len(header) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def dollars(amount: float) -> str:
    """Return *amount* in dollars, with more digits where it is less than a cent."""
    return f"{amount:,.2f}" if amount >= 0.005 or amount == 0 else f"{amount:.4f}"


def itemised(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a bill: a row for each line, and their sum."""
    rows = [
        (line.item, f"{line.count:,.2f}", f"{price(line.price_name):.10f}", dollars(line.dollars))
        for line in lines
    ]
    total = ("**together**", "", "", f"**{dollars(together(list(lines)))}**")
    yield from table(("Item", "How many", "Price of one", "Dollars"), [*rows, total])


def _at_rest() -> Iterator[str]:
    yield "## A month without a message"
    yield ""
    yield "Default parameters, two targets, 730 hours."
    yield ""
    yield from itemised(at_rest())
    yield ""
    yield f"Of it ${dollars(together(came_since()))} came since {RELEASE}."
    yield ""
    rows = [
        (f"{line.item} ({turned_on})", f"{line.count:,.0f}", dollars(line.dollars))
        for option, turned_on in OPTIONS.items()
        for line in added_by(option)
    ]
    yield from table(("What an option adds", "How many", "Dollars"), rows)


def _per_million() -> Iterator[str]:
    yield "## A million messages of 1 kB"
    yield ""
    columns = [f"{layout}, {size}" for layout in LAYOUTS for size in BATCH_SIZES]
    rows = [
        (
            route.title,
            *(dollars(together(bill(route, lay, n))) for lay in LAYOUTS for n in BATCH_SIZES),
        )
        for route in ROUTES.values()
    ]
    yield "In dollars, by route; columns are the layout and the messages in a batch."
    yield ""
    yield from table(("Route", *columns), rows)
    yield ""
    sizes = ", ".join(f"{arriving(rate, WINDOW_SECONDS):g} at {rate:,}" for rate in RATES)
    yield f"Messages in a batch, by messages per second: {sizes}."


def _example() -> Iterator[str]:
    name, layout, size = EXAMPLE
    yield f"### The arithmetic: {ROUTES[name].title}, layout {layout}, batches of {size}"
    yield ""
    yield from itemised(bill(ROUTES[name], layout, size))


def _contracts() -> Iterator[str]:
    yield "### Contracts, in layout batch"
    yield ""
    yield "A batch becomes one object per contract that occurs in it."
    yield "Here for 100 messages per request, and contracts that are sent equally often."
    yield ""
    route = ROUTES["batch-100"]
    rows = [
        (
            f"batches of {size}",
            *(dollars(together(bill(route, "batch", size, n))) for n in CONTRACTS),
        )
        for size in BATCH_SIZES
    ]
    yield from table(("", *(f"{n} contract{'s' * (n > 1)}" for n in CONTRACTS)), rows)


def _windows() -> Iterator[str]:
    yield "### BatchingWindowInSeconds, in dollars for uploader invocations and S3 PUTs"
    yield ""
    places = [(layout, rate) for layout in LAYOUTS for rate in WINDOW_RATES]
    rows = [
        (str(window), *(dollars(together(batches(*place, window))) for place in places))
        for window in WINDOWS
    ]
    yield from table(("Seconds", *(f"{lay}, {rate} per second" for lay, rate in places)), rows)


def _options() -> Iterator[str]:
    yield "## What options add to a million messages"
    yield ""
    places = [(layout, size) for layout in LAYOUTS for size in BATCH_SIZES]
    extras = {
        "kept in S3, each month": stored,
        "StoredEvents, once": stored_events,
        "backups, once": backed_up,
        "backups, each month that they are kept": backups_kept,
    }
    rows = [
        (name, *(dollars(together(extra(*place))) for place in places))
        for name, extra in extras.items()
    ]
    yield from table(("", *(f"{layout}, {size}" for layout, size in places)), rows)


def _tracing() -> Iterator[str]:
    yield "### Tracing=Active adds, by messages per second"
    yield ""
    rows = [
        (
            ROUTES[name].title,
            *(
                dollars(together(tracing(ROUTES[name], arriving(rate, WINDOW_SECONDS), rate)))
                for rate in RATES
            ),
        )
        for name in ("plain", "batch-100")
    ]
    yield from table(("Route", *(f"{rate:,}" for rate in RATES)), rows)


def _queries() -> Iterator[str]:
    yield "## One query that reads a million messages, with Athena"
    yield ""
    rows = [
        (layout, *(dollars(together(query(layout, size))) for size in BATCH_SIZES))
        for layout in LAYOUTS
    ]
    yield from table(("Layout", *(f"batches of {size}" for size in BATCH_SIZES)), rows)


def _neighbours() -> Iterator[str]:
    yield "## Against AWS's own ways"
    yield ""
    yield "Dollars per month by messages per second, one per request unless the row says otherwise."
    yield ""
    found = neighbours()
    rates = RATES[1:]
    ours = [
        (f"Weir: {way}", *(dollars(weir_month(rate, route, layout)) for rate in rates))
        for way, route, layout in WAYS
    ]
    theirs = [
        (f"[{each.name}]({each.address})", *(dollars(each.month(rate)) for rate in rates))
        for each in found
    ]
    yield from table(("", *(f"{rate:,}" for rate in rates)), [*ours, *theirs])
    yield ""
    for each in found:
        yield f"- {each.name}: {each.note}."
    yield ""
    yield "Weir costs less than the neighbour in the column at these messages per second:"
    yield ""
    rows = [
        (f"Weir: {way}", *(cheaper(each, route, layout) for each in found))
        for way, route, layout in WAYS
    ]
    yield from table(("", *(each.name for each in found)), rows)


def cheaper(neighbour: Neighbour, route: Route, layout: str) -> str:
    """Return at which rates Weir costs less than *neighbour*."""
    at = crossover(neighbour, route, layout)
    probe = 1.0 if at is None else at * 2
    is_less = weir_month(probe, route, layout) < neighbour.month(probe)
    if at is None:
        return "always" if is_less else "never"
    return f"{'above' if is_less else 'below'} {at:,.1f}"


def _prices() -> Iterator[str]:
    yield "## The prices"
    yield ""
    rows = [
        (
            name,
            f"{each['dollars']:g} per {each['per']:,}",
            str(each["date"]),
            each["address"],
            each.get("note", ""),
        )
        for name, each in DATA["price"].items()
    ]
    yield from table(("Price", "Dollars", "Looked up", "Where", "How it is counted"), rows)
