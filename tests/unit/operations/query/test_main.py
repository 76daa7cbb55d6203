"""The command: what it lists, what it asks, and where it refuses to."""

import argparse
import sys

import pytest

from operations.query import __main__ as command
from operations.query.place import place_of
from operations.query.tables import saved_queries


def given(sql: str = "", name: str = "", values: str = "") -> argparse.Namespace:
    """Return arguments."""
    return argparse.Namespace(sql=sql, name=name, values=values)


def test_without_a_question_it_lists_what_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody remembers the names of columns."""
    monkeypatch.setattr(sys, "argv", ["query"])

    command.main()

    listed = capsys.readouterr().out
    assert "  email: email_subject varchar, " in listed
    assert "$path" not in listed
    for name in saved_queries():
        assert f"  {name}" in listed


def test_a_saved_query_takes_its_values_in_order() -> None:
    """As they stand in a receipt."""
    sql = command.statement(given(name="message", values="email 2026-01-15 id-1"))

    assert "contract = 'email' AND dt = '2026-01-15' AND message_id = 'id-1'" in sql


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (given(sql="SELECT 1", name="newest"), "not both"),
        (given(name="oldest"), "no saved query oldest. There are newest, counts"),
        (given(name="message", values="email"), "needs 3 values"),
    ],
)
def test_what_cannot_be_asked_is_said(arguments: argparse.Namespace, says: str) -> None:
    """Before anything is read."""
    with pytest.raises(SystemExit, match=says):
        command.statement(arguments)


def test_the_emulators_own_athena_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It rounds numbers, and knows little of Athena's SQL."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    with pytest.raises(SystemExit, match="without STACK_NAME"):
        place_of("weir-dev")
