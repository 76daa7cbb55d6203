"""Routing: a route answers, and where there is none the answer says what there is."""

import pytest
from validator.http.request import Request
from validator.http.routing import allowed_methods, answer
from validator.problems import ProblemError

from tests.unit.validator.fakes import FAR

ROUTES = [
    "GET /",
    "POST /",
    "GET /health",
    "POST /messages/{contract}",
    "POST /messages/{contract}/batch",
    "GET /messages/{contract}/{message_id}",
]


def request(route: str, path: str) -> Request:
    """Return a request that API Gateway has given to *route*."""
    http = {"method": "GET", "sourceIp": "192.0.2.10"}
    event = {"routeKey": route, "rawPath": path, "requestContext": {"http": http}}
    return Request.from_event(event, FAR)


def test_answers_by_the_route_that_api_gateway_chose() -> None:
    """The path is not judged a second time."""
    routes = {"GET /health": lambda request: {"path": request.path}}

    assert answer(routes, request("GET /health", "/anything")) == {"path": "/anything"}


def test_an_unknown_path_is_not_found() -> None:
    """The answer says where the paths are listed."""
    with pytest.raises(ProblemError, match="not-found") as refused:
        answer({"GET /health": lambda _: {}}, request("$default", "/healthy"))

    assert "/openapi.json" in refused.value.document["detail"]


@pytest.mark.parametrize(("path", "allowed"), [("/health", "GET"), ("/metrics", "GET")])
def test_a_known_path_says_its_methods(path: str, allowed: str) -> None:
    """RFC 9110: a 405 has an Allow; the latency probe's route is known too."""
    with pytest.raises(ProblemError, match="method-not-allowed") as refused:
        answer({"GET /health": lambda _: {}}, request("$default", path))

    assert refused.value.headers == {"allow": allowed}


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", ["GET", "POST"]),
        ("/health", ["GET"]),
        ("/messages/email", ["POST"]),
        ("/messages/email/batch", ["POST"]),
        ("/messages/email/0190163d", ["GET"]),
        ("/messages/", []),
        ("/messages/email/", []),
        ("/messages", []),
        ("/messages/email/1/2", []),
        ("", []),
    ],
)
def test_a_literal_path_goes_before_one_with_variables(path: str, methods: list[str]) -> None:
    """API Gateway matches the most specific route, and a variable is never empty."""
    assert allowed_methods(ROUTES, path) == methods
