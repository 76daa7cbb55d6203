"""The tables of the page show what the API has just answered, and never what was sent."""

import json
from typing import Any

from local.stack.recent import NUMBER, Recent

RECEIPT = {
    "message_id": "id-1",
    "contract": "email",
    "status": "queued",
    "received_at": "2026-01-15T10:20:30.000Z",
}
PROBLEM = {"status": 422, "title": "T", "detail": "D", "errors": [{"pointer": "/data/a"}]}


def seen(status: int, body: Any) -> dict[str, Any]:
    """Return what is told after one answer."""
    recent = Recent()
    recent.see("POST /", status, body if isinstance(body, bytes) else json.dumps(body).encode(), 7)
    return recent.told()


def test_receipt_is_a_message() -> None:
    """Its id leads to the object."""
    assert seen(202, RECEIPT) == {
        "messages": [{key: RECEIPT[key] for key in ("message_id", "contract", "received_at")}],
        "refusals": [],
    }


def test_problem_is_a_refusal() -> None:
    """It names what was wrong."""
    refusal = {"time": 7, "request": "POST /", "status": 422, "reason": "D /data/a"}

    assert seen(422, PROBLEM) == {"messages": [], "refusals": [refusal]}


def test_batch_may_be_both() -> None:
    """Each item has an outcome of its own."""
    told = seen(207, {"results": [RECEIPT, PROBLEM]})

    assert (len(told["messages"]), len(told["refusals"])) == (1, 1)


def test_other_answers_are_neither() -> None:
    """A measurement or a look-up is no message, and an answer may be anything."""
    for status, body in ((200, RECEIPT), (202, b""), (202, b"[]"), (202, {"results": 1})):
        assert seen(status, body)["messages"] == []
    assert seen(503, b"<html>")["refusals"][0]["status"] == 503


def test_only_the_newest_are_kept() -> None:
    """The page shows what has just happened, and the memory is bounded."""
    recent = Recent()
    for number in range(NUMBER * 2):
        recent.see("POST /", 404, json.dumps({"message": str(number)}).encode(), number)

    assert len(recent.told()["refusals"]) == NUMBER
    assert recent.told()["refusals"][0]["time"] == NUMBER * 2 - 1
