"""The web application of the dashboard page: its files, and the figures as JSON."""

import asyncio
import json
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from .figures import Figures, Span
from .pages import page
from .picture import picture
from .verdict import verdict

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

HERE = Path(__file__).parent
FILES = {
    "/": HERE / "page.html",
    "/page.css": HERE / "page.css",
    "/page.js": HERE / "page.js",
    "/plotly.js": Path(str(files("plotly"))) / "package_data" / "plotly.min.js",
}
LONGEST_MINUTES = 15 * 24 * 60
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self';"
        # The hash is that of the one inline style in plotly.js, which is for maps.
        " style-src 'self' 'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o=';"
        " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page:
    """The dashboard page over one CloudWatch, and over what the proxy saw."""

    def __init__(self, figures: Figures, recent: Callable[[], dict[str, Any]]) -> None:
        self._figures = figures
        self._recent = recent

    async def document(self, request: web.Request) -> web.Response:
        """Answer with a document of docs/."""
        if found := page(request.match_info.get("name", "runbook")):
            return web.Response(text=found, content_type="text/html")
        return complaint(404, "There is no such document.")

    async def recent(self, _: web.Request) -> web.Response:
        """Answer with the newest messages and refusals."""
        return web.json_response(self._recent())

    async def file(self, request: web.Request) -> web.FileResponse:
        """Answer with one of the page's files."""
        return web.FileResponse(FILES[request.path])

    async def figures(self, request: web.Request) -> web.Response:
        """Answer with all that the page draws: `?dashboard=NAME&minutes=60`, both optional."""
        minutes = request.query.get("minutes", "")
        if minutes and not (
            minutes.isdecimal() and len(minutes) < 6 and 0 < int(minutes) <= LONGEST_MINUTES
        ):
            return complaint(400, f"minutes is a number from 1 to {LONGEST_MINUTES}.")
        try:
            drawn = await asyncio.to_thread(
                self._draw, request.query.get("dashboard"), int(minutes or 0)
            )
        except (BotoCoreError, ClientError):
            return complaint(503, "The emulator does not answer.")
        except json.JSONDecodeError as error:
            return complaint(502, f"The dashboard's body is no JSON: {error}.")
        return web.json_response(drawn) if drawn else complaint(404, "No dashboard is deployed.")

    def _draw(self, name: str | None, minutes: int) -> dict[str, Any] | None:
        now = int(time.time())
        if not (found := self._figures.dashboard(name)):
            return None
        drawn = picture(self._figures, *found, minutes, now)
        answer = verdict(self._figures, Span(drawn["start"], drawn["end"]), now)
        return drawn | {"verdict": answer}


def complaint(status: int, sentence: str) -> web.Response:
    """Return an answer that says in a *sentence* why there are no figures."""
    return web.json_response({"error": sentence}, status=status)


async def guard(_: web.Request, response: web.StreamResponse) -> None:
    """Let the page run its own files only, and load nothing from anywhere else."""
    response.headers.update(HEADERS)


def nothing() -> dict[str, Any]:
    """Return the newest requests where nobody has seen any."""
    return {"messages": [], "refusals": []}


def dashboard_app(
    cloudwatch: "CloudWatchClient", recent: Callable[[], dict[str, Any]] = nothing
) -> web.Application:
    """Return the page's application; it asks *cloudwatch* in threads, so that the loop goes on.

    *recent* tells the newest messages and refusals.
    """
    shown = Page(Figures(cloudwatch), recent)
    app = web.Application()
    app.on_response_prepare.append(guard)
    app.router.add_get("/figures", shown.figures)
    app.router.add_get("/recent", shown.recent)
    app.router.add_get("/runbook", shown.document)
    app.router.add_get("/{name}.md", shown.document)
    for path in FILES:
        app.router.add_get(path, shown.file)
    return app
