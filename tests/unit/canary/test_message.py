"""The canary's message, its receipt, its key, and the judgement."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from canary.message import (
    STORED_WITHIN_SECONDS,
    UnprovenError,
    judge,
    key_of,
    receipt_of,
    received_at,
    text_at,
)
from validator.contracts.models import Canary
from validator.receipts import object_key

from tests.support.events import agreement

ID = "019bc12b-c62b-7224-8417-f956ac7c599f"
RECEIVED = received_at(ID)


def after(seconds: float) -> datetime:
    """Return the moment *seconds* after the receipt."""
    return RECEIVED + timedelta(seconds=seconds)


def test_text_fits_the_contract() -> None:
    """A message that its own contract refuses would ring for ever."""
    assert Canary.model_validate(text_at(RECEIVED))


@pytest.mark.parametrize("agreed", agreement()["objects"], ids=lambda agreed: agreed["message_id"])
def test_looks_where_the_uploader_stores(agreed: dict[str, str]) -> None:
    """Validator, uploader and canary each make the key by themselves."""
    wanted = agreed["key"].replace(f"contract={agreed['contract']}/", "contract=canary/")

    assert key_of(agreed["message_id"]) == wanted == object_key("canary", agreed["message_id"])


def test_receipt_holds_the_id() -> None:
    """The id is all that is kept of a receipt, as it carries the time."""
    assert receipt_of(202, json.dumps({"message_id": ID, "status": "queued"})) == ID


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, "{}", "answered with 503"),
        (200, json.dumps({"message_id": ID}), "answered with 200"),
        (None, None, "answered with None"),
        (202, "<html>", "without a receipt"),
        (202, None, "without a receipt"),
        (202, "[]", "without a receipt"),
        (202, '{"message_id": "m-1"}', "without a receipt"),
    ],
)
def test_anything_else_is_no_receipt(status: int | None, body: str | None, said: str) -> None:
    """Whatever answers there, it is named, and the canary goes on."""
    with pytest.raises(UnprovenError, match=said):
        receipt_of(status, body)


@pytest.mark.parametrize(
    ("stored", "now", "verdict"),
    [
        (None, 59.9, (59.9, None)),
        (None, 60.1, (60.1, "not stored for 60 s")),
        (4.0, 60.0, (4.0, "")),
        (60.0, 600.0, (60.0, "")),
        (75.0, 120.0, (75.0, "not stored for 75 s")),
        (-0.9, 60.0, (0.0, "")),  # S3 leaves the fraction of a second out
    ],
)
def test_judges_by_the_time_until_it_is_stored(
    stored: float | None, now: float, verdict: tuple[float, str | None]
) -> None:
    """In time, late, or not decided yet; never below 0."""
    stored_at = None if stored is None else after(stored)

    seconds, fault = judge(ID, stored_at, after(now))

    assert (round(seconds, 3), fault) == verdict


def test_the_objective_is_the_one_of_the_documents() -> None:
    """The dashboard's line, the alarms and the runbook say sixty seconds."""
    assert STORED_WITHIN_SECONDS == 60


def test_id_carries_the_time() -> None:
    """Its first 48 bits are the millisecond of the receipt (RFC 9562)."""
    assert datetime(2026, 1, 15, 10, 20, 30, 123000, UTC) == RECEIVED
