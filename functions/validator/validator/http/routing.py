"""The table of routes, and the answer where there is none."""

import re
from collections.abc import Callable, Iterable, Mapping

from ..problems import Kind, ProblemError
from .answers import Answer
from .request import Request

Routes = Mapping[str, Callable[[Request], Answer]]

_ELSEWHERE = ("GET /metrics",)  # API Gateway sends it to the latency probe
_ORIGIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")  # a DNS name


def answer(routes: Routes, request: Request) -> Answer:
    """Answer *request* by its route; refuse with 404, or with 405 and what is allowed."""
    route = routes.get(request.route)
    if route is not None:
        return route(request)
    methods = allowed_methods([*routes, *_ELSEWHERE], request.path)
    if not methods:
        raise ProblemError(Kind.NOT_FOUND, "Nothing has this path; see /openapi.json.")
    raise not_allowed(methods)


def consent(request: Request) -> Answer:
    """Return that the sender of CloudEvents which asks by OPTIONS may send here."""
    origin = request.headers.get("webhook-request-origin", "")
    if not _ORIGIN.fullmatch(origin):
        raise not_allowed(["GET", "HEAD", "POST"] if request.path == "/" else ["POST"])
    headers = {"allow": "POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": "*"}
    return {"statusCode": 200, "headers": headers, "body": ""}


def not_allowed(methods: Iterable[str]) -> ProblemError:
    """Return the problem of a path that takes *methods* alone."""
    return ProblemError(
        Kind.METHOD_NOT_ALLOWED,
        "The path is known, the method is not.",
        headers={"allow": ", ".join(methods)},
    )


def allowed_methods(routes: Iterable[str], path: str) -> list[str]:
    """Return the methods of those of *routes* (`POST /messages/{contract}`) that fit *path*.

    As at API Gateway, a literal path goes before one with variables.
    """
    fitting = [route.split(" ") for route in routes if _fits(route.split(" ")[1], path)]
    fewest = min((template.count("{") for _, template in fitting), default=0)
    return sorted(method for method, template in fitting if template.count("{") == fewest)


def _fits(template: str, path: str) -> bool:
    wanted, found = template.split("/"), path.split("/")
    return len(wanted) == len(found) and all(
        step == part or (step.startswith("{") and part)
        for step, part in zip(wanted, found, strict=True)
    )
