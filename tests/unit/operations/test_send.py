"""Who sends a message by hand reads what became of it."""

import json
from pathlib import Path

import pytest

from operations.send import read_message, refusal


def test_refusal_names_every_fault() -> None:
    """The next attempt should be the last."""
    problem = {
        "title": "The message breaks its contract",
        "detail": "See errors.",
        "errors": [
            {"pointer": "/data/email_sender", "detail": "Field required"},
            {"pointer": "", "detail": "Input should be an object"},
        ],
    }

    assert refusal(422, json.dumps(problem).encode()).splitlines() == [
        "Refused with 422: The message breaks its contract. See errors.",
        "  /data/email_sender: Field required",
        "  the message: Input should be an object",
    ]


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"{}", b'{"message": "Service Unavailable"}'])
def test_answer_that_is_no_problem_is_shown_as_it_is(body: bytes) -> None:
    """The gateway's own errors have another form."""
    assert refusal(503, body).startswith("Refused with 503: ")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A traceback would hide the misspelt name."""
    with pytest.raises(SystemExit, match=r"FILE=.*none.json cannot be read: No such file"):
        read_message(str(tmp_path / "none.json"))
