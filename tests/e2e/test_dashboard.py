"""The deployed dashboard is on the page, live, in a real browser."""

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

DEADLINE_SECONDS = 60
SCHEDULE_SECONDS = 130  # two turns of the probe's schedule, and the way of its log lines
POLL_SECONDS = 0.5
BROWSER_SECONDS = 90
MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z"}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-logging=stderr",
    "--window-size=1400,1200",
    "--virtual-time-budget=8000",
    "--dump-dom",
]


@pytest.fixture(scope="module")
def body(one_machine: dict[str, str], aws: Callable[[str], Any]) -> dict[str, Any]:
    """Return the body of the deployed dashboard."""
    cloudwatch = aws("cloudwatch")
    name = cloudwatch.list_dashboards()["DashboardEntries"][0]["DashboardName"]
    found: dict[str, Any] = json.loads(
        cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    )
    return found


@pytest.fixture(scope="module")
def figures(one_machine: dict[str, str], call: Callable[..., Any]) -> dict[str, Any]:
    """Post a message, and return what the page draws once that has been counted."""
    token = one_machine["token"]
    assert call("POST", "/messages/timestamped", {"token": token, "data": MESSAGE}).status == 202
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        drawn = read(one_machine["page_url"])
        counted = [curve["points"] for curve in curves(drawn) if curve["label"] == "accepted"]
        if any(counted) or time.monotonic() > deadline:
            return drawn
        time.sleep(POLL_SECONDS)


@pytest.fixture(scope="module")
def browser(
    one_machine: dict[str, str], figures: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple["Outline", list[str]]:
    """Return what a browser makes of the page, and what it complains about."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium here")
    profile = tmp_path_factory.mktemp("chromium")
    command = [chromium, *FLAGS, f"--user-data-dir={profile}", one_machine["page_url"]]
    run = subprocess.run(command, capture_output=True, text=True, timeout=BROWSER_SECONDS)
    outline = Outline()
    outline.feed(run.stdout)
    return outline, re.findall(r"CONSOLE.*", run.stderr)


class Outline(HTMLParser):
    """The titles of the page, and how many points the chart under each has."""

    def __init__(self) -> None:
        super().__init__()
        self.points: dict[str, int] = {}
        self._title: str | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a title, or count a point."""
        if tag == "h2":
            self._title, self._in_title = "", True
        elif tag == "path" and ("class", "point") in attrs and self._title in self.points:
            self.points[self._title] += 1

    def handle_endtag(self, tag: str) -> None:
        """Close a title."""
        if tag == "h2" and self._title is not None:
            self._in_title = False
            self.points.setdefault(self._title, 0)

    def handle_data(self, data: str) -> None:
        """Take in a title."""
        if self._in_title and self._title is not None:
            self._title += data


def read(page_url: str) -> dict[str, Any]:
    """Return what the page draws."""
    with urllib.request.urlopen(f"{page_url}/figures") as answer:  # noqa: S310
        drawn: dict[str, Any] = json.load(answer)
    return drawn


def curves(drawn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the curves of all charts."""
    for widget in drawn["widgets"]:
        yield from widget.get("curves", [])


def test_every_widget_is_drawn_where_the_body_puts_it(
    body: dict[str, Any], figures: dict[str, Any]
) -> None:
    """Same order, same titles, same places."""
    keys = ("type", "x", "y", "width", "height")

    def place(widget: dict[str, Any], title: str) -> list[Any]:
        return [title, *(widget.get(key) for key in keys)]

    said = [place(widget, widget["properties"].get("title", "")) for widget in body["widgets"]]
    drawn = [place(widget, widget["title"]) for widget in figures["widgets"]]
    assert drawn == said


def test_nothing_of_the_deployed_dashboard_is_beyond_the_page(figures: dict[str, Any]) -> None:
    """A search, an expression or a statistic that the page does not know would be named there."""
    notes = [widget["note"] for widget in figures["widgets"] if widget.get("note")]

    assert [note for note in notes if "not shown" in note or "cannot" in note] == []


# The environment publishes no change before it remembers thirty runs, half an hour's.
LATER = "Worst median against its own last hours (times)"


def test_every_chart_is_fed(one_machine: dict[str, str], body: dict[str, Any]) -> None:
    """A widget on a metric that nobody publishes, or with other dimensions, stays empty.

    The canary is off on one machine.
    """
    canarys = {
        widget["properties"]["title"]
        for widget in body["widgets"]
        if '"canary"' in json.dumps(widget["properties"].get("metrics"))
    }
    assert len(canarys) == 2
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while empty := [
        widget["title"]
        for widget in read(one_machine["page_url"])["widgets"]
        if widget["type"] == "metric" and not any(curve["points"] for curve in widget["curves"])
    ]:
        if set(empty) <= canarys | {LATER} or time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)

    assert set(empty) <= canarys | {LATER}


def test_a_posted_message_is_on_the_charts(
    figures: dict[str, Any], browser: tuple[Outline, list[str]]
) -> None:
    """From the log line to a point in the browser, without a reload of anything by hand."""
    (title,) = [
        widget["title"]
        for widget in figures["widgets"]
        if any(curve["label"] == "accepted" for curve in widget.get("curves", []))
    ]

    assert browser[0].points[title] > 0


def test_a_browser_shows_every_title_and_complains_of_nothing(
    body: dict[str, Any], browser: tuple[Outline, list[str]]
) -> None:
    """A refused style, a missing file or an exception would be a line on its console."""
    titles = {widget["properties"].get("title") for widget in body["widgets"]} - {None}
    outline, complaints = browser

    assert complaints == []
    assert titles <= outline.points.keys()


def test_the_page_holds_no_secret(one_machine: dict[str, str], figures: dict[str, Any]) -> None:
    """It is readable by whoever can open a port of this machine."""
    text = json.dumps(figures)

    assert [key for key in ("token", "secret_access_key") if one_machine[key] in text] == []
