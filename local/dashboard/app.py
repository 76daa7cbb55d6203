"""The web application of the dashboard page: its files, and the figures as JSON."""

import asyncio
import json
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from .figures import Figures
from .picture import picture

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
    """The dashboard page over one CloudWatch."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

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
        found = self._figures.dashboard(name)
        return picture(self._figures, *found, minutes, int(time.time())) if found else None


def complaint(status: int, sentence: str) -> web.Response:
    """Return an answer that says in a *sentence* why there are no figures."""
    return web.json_response({"error": sentence}, status=status)


async def guard(_: web.Request, response: web.StreamResponse) -> None:
    """Let the page run its own files only, and load nothing from anywhere else."""
    response.headers.update(HEADERS)


def dashboard_app(cloudwatch: "CloudWatchClient") -> web.Application:
    """Return the page's application; it asks *cloudwatch* in threads, so that the loop goes on."""
    page = Page(Figures(cloudwatch))
    app = web.Application()
    app.on_response_prepare.append(guard)
    app.router.add_get("/figures", page.figures)
    for path in FILES:
        app.router.add_get(path, page.file)
    return app
