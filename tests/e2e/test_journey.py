"""A sender's journey: a message goes in by HTTP and comes out in S3, and nobody else's does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

MESSAGES = {
    "email": {
        "email_subject": "Happy new year!",
        "email_sender": "John doe",
        "email_timestream": "1693561101",
        "email_content": "Just want to say... Happy new year!!!",
    },
    "four-fields": {"field1": "value1", "field2": "value2", "field3": "value3", "field4": "value4"},
    "timestamped": {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"},
}
Call = Callable[..., Any]


def path_of(contract: str) -> str:
    """Return where a message of *contract* is posted."""
    return "/" if contract == "email" else f"/messages/{contract}"


@pytest.mark.parametrize("contract", MESSAGES)
def test_message_is_one_object_that_holds_what_was_sent(
    contract: str, stack: dict[str, str], call: Call, stored: Call, eventually: Call
) -> None:
    """The promise of the 202, kept within ten seconds."""
    sent = {"token": stack["token"], "data": MESSAGES[contract]}

    answer = call("POST", path_of(contract), sent)

    assert answer.status == 202, answer.body
    receipt = answer.json()
    found = eventually(lambda: stored(contract, receipt["message_id"]), within_seconds=10)
    assert (receipt["contract"], receipt["status"]) == (contract, "queued")
    assert [json.loads(content) for content in found] == [MESSAGES[contract]]


def test_token_in_the_header_is_as_good(stack: dict[str, str], call: Call) -> None:
    """A sender that cannot change its body sends the token as every HTTP tool can."""
    answer = call("POST", "/", {"data": MESSAGES["email"]}, token=stack["token"])

    assert answer.status == 202, answer.body


@pytest.mark.usefixtures("receipts")
def test_location_leads_to_the_stored_message(
    stack: dict[str, str], call: Call, eventually: Call
) -> None:
    """A receipt can be looked up, by the address that came with it."""
    posted = call(
        "POST", "/messages/four-fields", {"data": MESSAGES["four-fields"]}, stack["token"]
    )

    def receipt() -> Any:
        answer = call("GET", posted.headers["Location"], token=stack["token"])
        return answer.json() if answer.status == 200 else None

    assert eventually(receipt, within_seconds=10)["status"] == "stored"


@pytest.mark.parametrize("token", ["wrong", None])
def test_without_a_known_token_nothing_goes_in(token: str | None, call: Call) -> None:
    """Nobody is let in, and the answer says how to come in."""
    answer = call("POST", "/", {"data": MESSAGES["email"]}, token=token)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_missing_field_is_named(stack: dict[str, str], call: Call) -> None:
    """A sender corrects its message from the answer alone."""
    sent = {name: value for name, value in MESSAGES["email"].items() if name != "email_sender"}

    answer = call("POST", "/", {"token": stack["token"], "data": sent})

    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/data/email_sender"]


def test_three_fields_where_four_are_due_are_refused(stack: dict[str, str], call: Call) -> None:
    """What is missing here has no name, so the answer says how many fields are due."""
    sent = {"field1": "value1", "field2": "value2", "field3": "value3"}

    answer = call("POST", "/messages/four-fields", {"token": stack["token"], "data": sent})

    assert answer.status == 422
    assert "4 fields" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["/", "/health"])
def test_health_needs_no_token(path: str, call: Call) -> None:
    """A load balancer or an uptime check has none."""
    answer = call("GET", path)

    assert (answer.status, answer.json()) == (200, {"status": "healthy"})


def test_latency_is_measured_on_request(stack: dict[str, str], call: Call) -> None:
    """The network's state is one request away, for whoever has a token."""
    answer = call("GET", "/metrics", token=stack["token"])

    assert answer.status == 200, answer.body
    assert answer.json()["status"] == "ok"
    assert answer.json()["latency_ms"] > 0


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("wrong", 403)])
def test_latency_is_not_for_everybody(token: str | None, status: int, call: Call) -> None:
    """The gateway's authorizer guards what would name the targets."""
    assert call("GET", "/metrics", token=token).status == status
