"""The figures of the bill in the documents: whole reports, and single amounts in a sentence.

A report stands between `<!-- report: ... -->` and `<!-- end of report -->`. An amount in a sentence
is followed by its name: `$16.15<!-- cost: at rest -->`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import scaling
from operations.cost import reading
from operations.cost.extras import backups_kept
from operations.cost.million import ROUTES, bill
from operations.cost.prices import Line, together
from operations.cost.report import dollars, report
from operations.cost.rest import at_rest
from operations.project import ROOT

REPORTS = {"costs.md": report, "scaling.md": scaling.report, "reading.md": reading.report}
AMOUNTS: dict[str, Callable[[], list[Line]]] = {
    "at rest": at_rest,
    "at rest, with messages": lambda: at_rest(["traffic"]),
    "plain, message, 10": lambda: bill(ROUTES["plain"], "message", 10),
    "plain, message, 100": lambda: bill(ROUTES["plain"], "message", 100),
    "plain, batch, 100": lambda: bill(ROUTES["plain"], "batch", 100),
    "webhook, message, 10": lambda: bill(ROUTES["webhook"], "message", 10),
    "cloudevent, message, 10": lambda: bill(ROUTES["cloudevent"], "message", 10),
    "cloudevent-keyed, message, 10": lambda: bill(ROUTES["cloudevent-keyed"], "message", 10),
    "batch-100, batch, 100": lambda: bill(ROUTES["batch-100"], "batch", 100),
    "backups, message": lambda: backups_kept("message", 100),
    "backups, batch, 100": lambda: backups_kept("batch", 100),
}
AMOUNT = re.compile(r"\$[\d,.]+\d(?=<!-- cost: ([^>]+) -->)")
BETWEEN = re.compile(r"(<!-- report: [^>]+ -->\n).*?(<!-- end of report -->)", re.DOTALL)


def document(path: Path) -> str:
    """Return the text of *path* with today's figures; `KeyError` if it asks for an unknown one."""
    text = path.read_text()
    if making := REPORTS.get(path.name):
        text = BETWEEN.sub(lambda found: f"{found[1]}{making()}{found[2]}", text)
    return AMOUNT.sub(lambda found: f"${dollars(together(AMOUNTS[found[1]]()))}", text)


def files() -> Iterator[tuple[Path, str]]:
    """Yield each document that has such a figure, and its text."""
    for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))):
        if "<!-- cost: " in (text := path.read_text()) or "<!-- report: " in text:
            yield path, document(path)
