"""Routing: a route answers, and where there is none the answer says what there is."""

import pytest
from validator.http.request import Request
from validator.http.routing import allowed_methods, answer, consent
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


def handshake(path: str, **headers: str) -> Request:
    """Return the request with which a sender of CloudEvents asks whether it may send."""
    http = {"method": "OPTIONS", "sourceIp": "192.0.2.10"}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    event = {"routeKey": "x", "rawPath": path, "requestContext": {"http": http}, "headers": names}
    return Request.from_event(event, FAR)


@pytest.mark.parametrize("origin", ["eventemitter.example.com", "localhost", "a" * 253])
def test_a_sender_of_events_that_asks_may_send(origin: str) -> None:
    """It is no authentication: each event needs a token."""
    asked = {"webhook_request_origin": origin, "webhook_request_rate": "120"}

    assert consent(handshake("/messages/email", **asked)) == {
        "statusCode": 200,
        "headers": {
            "allow": "POST",
            "webhook-allowed-origin": origin,
            "webhook-allowed-rate": "*",
        },
        "body": "",
    }


@pytest.mark.parametrize(
    "origin", ["", "*", "a b", "a,b", "<x>", "a" * 254, "a..b", ".a", "\u00fc"]
)
def test_what_is_not_a_name_is_not_repeated(origin: str) -> None:
    """Nor is an ordinary OPTIONS anything but a method that is not allowed."""
    with pytest.raises(ProblemError, match="method-not-allowed") as refused:
        consent(handshake("/", webhook_request_origin=origin))
    assert refused.value.headers == {"allow": "GET, HEAD, POST"}

    with pytest.raises(ProblemError, match="method-not-allowed") as refused:
        consent(handshake("/messages/email"))
    assert refused.value.headers == {"allow": "POST"}
