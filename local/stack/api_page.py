"""A page to browse and try the API: Swagger UI, served at the API's own address.

It must be there, as the API allows no other origin. Its files are those that the package
fastapi-offline carries, so that nothing is loaded from elsewhere; where it is not installed, there
is no page.
"""

from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

PATH = "/_local/api"
HTML = f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Weir's API</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="{PATH}/swagger-ui.css">
  <script src="{PATH}/swagger-ui-bundle.js" defer></script>
  <script src="{PATH}/start.js" defer></script>
</head>
<body><div id="page"></div><noscript>This page needs JavaScript.</noscript></body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null,
  displayRequestDuration: true, tryItOutEnabled: true,
});
"""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self';"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def assets() -> Path | None:
    """Return the folder of Swagger UI's files, without importing what carries them."""
    spec = find_spec("fastapi_offline")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "static" if places else None


def answer(path: str) -> web.StreamResponse | None:
    """Return what is at *path* of the API's address; None if the API itself is to answer."""
    folder = assets() if path.startswith(PATH) else None
    if folder is None:
        return None
    match path.removeprefix(PATH):
        case "" | "/":
            return web.Response(text=HTML, content_type="text/html", headers=HEADERS)
        case "/start.js":
            return web.Response(text=START, content_type="text/javascript", headers=HEADERS)
        case "/swagger-ui.css" | "/swagger-ui-bundle.js" as name:
            return web.FileResponse(folder / name[1:], headers=HEADERS)
    return None
