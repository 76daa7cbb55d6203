"""The validator's real handler between a sender and a stand-in for AWS.

Every request of these tests is held to the same promises: no exception, an answer that Lambda and
API Gateway can pass on, and neither token nor value in the answer or in the log.
"""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.validator.edge import SQS_TEXT, Edge
from tests.support.execution import Function, set_environment
from tests.support.template import template_environment

SECRET = "5ecret"
TOKEN = f"token-{SECRET}-acme"
LARGEST_ANSWER_BYTES = 6 * 1024 * 1024


def post(
    body: str, path: str = "/messages/timestamped", *, is_base64: bool = False, **headers: str
) -> dict[str, Any]:
    """Return the event of a POST as API Gateway makes it, with the known token in its header."""
    steps = path.strip("/").split("/")
    route = "/".join(["/messages/{contract}", *steps[2:]]) if len(steps) > 1 else path
    return {
        "routeKey": f"POST {route}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": f"Bearer {TOKEN}",
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.10"}},
        "pathParameters": {"contract": steps[1]} if len(steps) > 1 else {},
        "body": body,
        "isBase64Encoded": is_base64,
    }


def exactly(text: str) -> str:
    """Return what *text* stands for, so that 1, 1.0 and true differ and every digit counts."""
    return repr(json.loads(text, parse_float=Decimal))


class Api:
    """The handler of one execution environment, and what came of each request."""

    def __init__(
        self, function: Function, edge: Edge, log: io.StringIO, skip: Callable[[float], None]
    ) -> None:
        self.edge = edge
        self.log = log
        self._function = function
        self._skip = skip

    def wait(self, seconds: float) -> None:
        """Let the wall clock go on, for the handler alone."""
        self._skip(seconds)

    def leave(self, seconds: float) -> None:
        """Give the requests to come *seconds* in place of the function's timeout."""
        self._function.timeout_seconds = seconds

    def response(self, event: dict[str, Any]) -> dict[str, Any]:
        """Send one request; return the answer as API Gateway gets it."""
        self.log.seek(0)
        self.log.truncate()
        with redirect_stdout(self.log), redirect_stderr(self.log):
            answer: dict[str, Any] = self._function(event)
        return answer

    def __call__(self, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send one request; return status and document of the answer."""
        before = len(self.edge.queued)
        response = self.response(event)
        document: dict[str, Any] = json.loads(response["body"])
        assert len(json.dumps(response)) < LARGEST_ANSWER_BYTES
        assert SECRET not in response["body"]
        assert SECRET not in self.log.getvalue()
        assert all(SQS_TEXT.fullmatch(sent["MessageBody"]) for sent in self.edge.queued[before:])
        if response["statusCode"] >= 400:
            assert response["headers"]["content-type"] == "application/problem+json"
            assert document["status"] == response["statusCode"]
        if response["statusCode"] == 503:
            assert int(response["headers"]["retry-after"]) > 0
        return response["statusCode"], document


@pytest.fixture
def edge() -> Iterator[Edge]:
    """Run a stand-in for AWS that knows one client."""
    with Edge() as edge:
        edge.tokens["acme"] = TOKEN
        yield edge


@pytest.fixture
def start_api(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Api]]:
    """Return what starts a new execution environment, of another release's *package* too."""
    environment = template_environment(
        "validator",
        AWS_ENDPOINT_URL=edge.url,
        POWERTOOLS_LOG_LEVEL="DEBUG",
        MESSAGE_QUEUE_URL=f"{edge.url}/123456789012/messages",
        MESSAGE_BUCKET_NAME="weir-messages",
        IDEMPOTENCY_KEY_BUCKET_NAME="weir-keys",
    )

    opened: list[logging.Handler] = []
    root = logging.getLogger()
    level_before = root.level
    root.setLevel(logging.DEBUG)

    skipped: list[float] = []
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + sum(skipped))

    def start(package: str = "") -> Api:
        set_environment(monkeypatch, environment)
        log = io.StringIO()
        function = Function("validator", package)
        (handler,) = logging.getLogger("validator").handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(log)
        # As Lambda's runtime does when it is told to log at DEBUG: every library's lines too.
        everything = logging.StreamHandler(log)
        root.addHandler(everything)
        opened.append(everything)
        return Api(function, edge, log, skipped.append)

    yield start
    root.setLevel(level_before)
    for handler in opened:
        root.removeHandler(handler)


@pytest.fixture
def api(start_api: Callable[[], Api]) -> Api:
    """Return the handler of a new execution environment."""
    return start_api()
