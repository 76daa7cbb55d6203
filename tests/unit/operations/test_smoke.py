"""The smoke test says what is wrong, in the words of a sender."""

import json
from collections.abc import Iterator

import boto3
import pytest

from operations.deployed import Deployed
from operations.smoke import check_health, check_latency, check_message
from tests.support.edge import EdgeConnection, serving


class Api(EdgeConnection):
    """Answers each path with a status and a document."""

    answers: dict[str, tuple[int, object]]
    requests: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        """Give the path's answer."""
        self.requests.append((self.path, self.headers["Authorization"]))
        status, document = self.answers[self.path]
        self.answer(status, json.dumps(document).encode(), "application/json")

    def do_POST(self) -> None:
        """Give the path's answer to what is posted."""
        self.body()
        self.do_GET()


HEALTHY: dict[str, tuple[int, object]] = {
    "/health": (200, {"status": "healthy"}),
    "/messages/email": (202, {"message_id": "m-1"}),
    "/messages/email/m-1": (200, {"status": "stored"}),
    "/metrics": (200, {"latency_ms": 0.2}),
}


@pytest.fixture
def api() -> type[Api]:
    """Serve an API that works until told otherwise."""
    Api.answers, Api.requests = dict(HEALTHY), []
    return Api


@pytest.fixture
def deployed(api: type[Api]) -> Iterator[Deployed]:
    """Return the stack of that API."""
    with serving(api) as url:
        yield Deployed(
            api_url=url,
            token="t",
            bucket="bucket",
            queue_url="queue",
            dead_letter_queue_url="dead letters",
            stack_name="weir-x",
            token_parameter_path="/weir/x/tokens",
            session=boto3.Session(region_name="x"),
            endpoint_url=None,
        )


def test_nothing_is_wrong_with_a_stack_that_stores(deployed: Deployed, api: type[Api]) -> None:
    """Every check passes, and shows the client's token."""
    found = [check(deployed) for check in (check_health, check_message, check_latency)]

    assert found == ["", "", ""]
    assert {token for _, token in api.requests} == {"Bearer t"}


def test_refusal_is_named(deployed: Deployed, api: type[Api]) -> None:
    """A message that was not accepted is not looked for."""
    api.answers["/messages/email"] = (503, {})

    assert "503" in check_message(deployed)
    assert [path for path, _ in api.requests] == ["/messages/email"]


@pytest.mark.parametrize("answer", [(503, {}), (200, {"status": "degraded"})])
def test_sick_stack_is_not_healthy(
    deployed: Deployed, api: type[Api], answer: tuple[int, object]
) -> None:
    """The status of the answer and the word in it both count."""
    api.answers["/health"] = answer

    assert check_health(deployed) == f"answered {answer[0]}"


def test_measurement_without_a_value_is_none(deployed: Deployed, api: type[Api]) -> None:
    """An answer of 200 that measured nothing would hide a network that is down."""
    api.answers["/metrics"] = (200, {"latency_ms": None})

    assert "200" in check_latency(deployed)
