"""Answers: a receipt, a result per item, or a problem."""

import json
from dataclasses import replace
from typing import Any

import pytest
from validator.http.answers import (
    Answer,
    batch_answer,
    json_answer,
    problem_answer,
    single_answer,
)
from validator.intake.message import Message
from validator.problems import Kind, ProblemError, unavailable

MESSAGE = Message("0190163d-8694-739b-aea5-966c26f8ad91", "email", "1", "message", "acme", "{}")
INVALID = ProblemError(Kind.INVALID_MESSAGE, "No.")
LATER = unavailable("Later.")
CONFLICT = ProblemError(Kind.IDEMPOTENCY_CONFLICT, "Another key.")


def document(answer: Answer) -> dict[str, Any]:
    """Return the document in the body of *answer*."""
    found: dict[str, Any] = json.loads(answer["body"])
    return found


def test_an_answer_is_not_kept_by_caches() -> None:
    """A receipt may turn from 404 to 200 within a second."""
    assert json_answer(200, {"a": 1}) == {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": '{"a":1}',
    }


def test_a_problem_has_its_own_media_type_and_headers() -> None:
    """RFC 9457, and the time to wait."""
    answer = problem_answer(LATER)

    assert answer["statusCode"] == document(answer)["status"] == 503
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert answer["headers"]["retry-after"] == "5"


def test_one_message_is_answered_with_its_receipt() -> None:
    """The location is where the receipt can be looked up."""
    answer = single_answer(MESSAGE)

    assert (answer["statusCode"], document(answer)) == (202, MESSAGE.receipt())
    assert answer["headers"]["location"] == f"/messages/email/{MESSAGE.message_id}"
    assert single_answer(INVALID)["statusCode"] == 422


def test_no_location_leads_to_a_message_in_a_batch() -> None:
    """The header is left out, not empty."""
    answer = single_answer(replace(MESSAGE, layout="batch"))

    assert (answer["statusCode"], document(answer)) == (202, MESSAGE.receipt())
    assert "location" not in answer["headers"]


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([MESSAGE, MESSAGE], 202),
        ([MESSAGE, INVALID], 207),
        ([LATER, MESSAGE], 207),
        ([INVALID, INVALID], 422),
        ([INVALID, LATER], 503),
        ([CONFLICT, LATER], 503),
        ([CONFLICT, CONFLICT], 409),
        ([CONFLICT, INVALID], 422),
    ],
)
def test_a_batch_is_answered_item_by_item(
    outcomes: list[Message | ProblemError], status: int
) -> None:
    """If nothing was queued, a sender retries what Weir could not do, and not what was wrong."""
    answer = batch_answer(outcomes)

    found = document(answer)
    queued = sum(isinstance(outcome, Message) for outcome in outcomes)
    assert answer["statusCode"] == status
    assert (found["queued"], found["refused"]) == (queued, len(outcomes) - queued)
    assert [result["index"] for result in found["results"]] == [0, 1]
    assert [result["http_status"] for result in found["results"]] == [
        202 if isinstance(outcome, Message) else outcome.kind.status for outcome in outcomes
    ]


def test_an_event_is_answered_without_a_body() -> None:
    """Knative takes any body for the sign of a failure; the receipt is in headers."""
    answer = single_answer(MESSAGE, is_event=True)

    assert (answer["statusCode"], answer["body"]) == (202, "")
    assert answer["headers"] == {
        "location": f"/messages/email/{MESSAGE.message_id}",
        "weir-message-id": MESSAGE.message_id,
        "weir-contract": "email",
        "weir-status": "queued",
        "weir-received-at": MESSAGE.receipt()["received_at"],
    }
    assert single_answer(INVALID, is_event=True) == problem_answer(INVALID)
