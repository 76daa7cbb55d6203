"""Services that are silent on every address of their name: 503 in time, never a killed function."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from validator.tokens.store import TokensUnreadableError

from tests.integration.validator.edge import Edge
from tests.support.events import event
from tests.support.execution import Function, set_environment
from tests.support.template import function_properties, template_environment

TOKEN = "example-token-of-acme"  # as in events/
NAME = "silent.test"
ADDRESSES = [f"127.0.0.{number}" for number in range(2, 10)]

Resolve = Callable[..., list[Any]]


def fill(listener: socket.socket) -> Iterator[socket.socket]:
    """Yield connections that fill the backlog of *listener*, so that the next one hears nothing."""
    for _ in range(8):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        yield client


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port on which none of ADDRESSES answers a SYN, as where packets are dropped."""
    with ExitStack() as stack:
        port = 0
        for address in ADDRESSES:
            listener = stack.enter_context(socket.socket())
            listener.bind((address, port))
            listener.listen(0)
            port = listener.getsockname()[1]
            for client in fill(listener):
                stack.enter_context(client)
        for address in ADDRESSES:
            with pytest.raises(TimeoutError):
                socket.create_connection((address, port), timeout=0.1)
        yield port


@pytest.fixture
def many_addresses(silent_port: int) -> Resolve:
    """Return a name lookup that finds all of ADDRESSES."""

    def resolve(*_: object, **__: object) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (address, silent_port)) for address in ADDRESSES]

    return resolve


@pytest.fixture
def no_answer() -> Iterator[Resolve]:
    """Return a name lookup that does not end."""
    ended = threading.Event()

    def resolve(*_: object, **__: object) -> list[Any]:
        ended.wait(60)
        raise socket.gaierror

    yield resolve
    ended.set()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Function]]:
    """Return what starts a function for which the name of one AWS service is looked up so."""
    with Edge() as edge:
        edge.tokens["acme"] = TOKEN

        def start(function: str, service: str, resolve: Resolve) -> Function:
            real = socket.getaddrinfo

            def look_up(host: Any, *others: Any, **named: Any) -> list[Any]:
                return (resolve if host == NAME else real)(host, *others, **named)

            monkeypatch.setattr(socket, "getaddrinfo", look_up)
            resources = {
                "MESSAGE_QUEUE_URL": f"{edge.url}/123456789012/messages",
                "MESSAGE_BUCKET_NAME": "weir-messages",
                "IDEMPOTENCY_KEY_BUCKET_NAME": "weir-keys",
            }
            known = function_properties(function)["Environment"]["Variables"]
            given = {name: value for name, value in resources.items() if name in known}
            environment = template_environment(function, AWS_ENDPOINT_URL=edge.url, **given)
            environment[f"AWS_ENDPOINT_URL_{service}"] = f"http://{NAME}:9"
            set_environment(monkeypatch, environment)
            return Function(function)

        yield start


BATCH = [json.loads(event("validator/post_email")["body"])["data"]] * 1000
REQUESTS: dict[str, dict[str, Any]] = {
    "plain": event("validator/post_email"),
    "keyed": event("validator/post_idempotent"),
    "batch": event("validator/post_email")
    | {
        "routeKey": "POST /messages/{contract}/batch",
        "rawPath": "/messages/email/batch",
        "body": json.dumps({"data": BATCH}),
    },
    "receipt": event("validator/get_message"),
}


@pytest.mark.parametrize(
    ("service", "request_name"),
    [
        *[("SQS", name) for name in ("plain", "keyed", "batch")],
        *[("S3", name) for name in ("keyed", "receipt")],
        *[("SSM", name) for name in REQUESTS],
    ],
)
def test_eight_silent_addresses_end_in_a_503_in_time(
    start: Callable[..., Function], many_addresses: Resolve, service: str, request_name: str
) -> None:
    """Botocore waits for each address in turn, twice: longer than the function may take."""
    function = start("validator", service, many_addresses)

    started = time.monotonic()
    answer = function(REQUESTS[request_name])

    assert time.monotonic() - started < function_properties("validator")["Timeout"]
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "5")


@pytest.mark.parametrize("service", ["SQS", "S3", "SSM"])
def test_a_name_lookup_without_an_end_is_a_503_in_time(
    start: Callable[..., Function], no_answer: Resolve, service: str
) -> None:
    """No time-out of botocore's covers it."""
    function = start("validator", service, no_answer)

    started = time.monotonic()
    answer = function(REQUESTS["keyed"])

    assert time.monotonic() - started < function_properties("validator")["Timeout"]
    assert answer["statusCode"] == 503


def test_the_authorizer_gives_up_in_time(
    start: Callable[..., Function], many_addresses: Resolve
) -> None:
    """API Gateway waits ten seconds for it, and answers 500 by itself."""
    function = start("authorizer", "SSM", many_addresses)

    started = time.monotonic()
    with pytest.raises(TokensUnreadableError):
        function(event("authorizer/known_token"))

    assert time.monotonic() - started < function_properties("authorizer")["Timeout"]
