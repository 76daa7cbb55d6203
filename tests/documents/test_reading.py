"""Every statement of docs/reading.md is answered by the one-machine stack."""

import re
from typing import Any

import pytest

from operations.project import ROOT
from operations.query.columns import FIXED
from operations.query.one_machine import ask
from operations.query.tables import saved_queries
from operations.query.views import views
from tests.support.bucket import FakeS3

READING = (ROOT / "docs/reading.md").read_text()
STATEMENTS = re.findall(r"```sql\n(.*?)```", READING, re.DOTALL)
HOUR = "dt=2026-01-15/hour=10"
OBJECTS = {
    f"messages/contract=timestamped/{HOUR}/20260115T102030.000Z_0.json": b'{"key": "v"}',
    f"messages/contract=any-object/{HOUR}/20260115T102030.000Z_1.json": (
        b'{"lines": [{"sku": "A-1", "count": 2}, {"sku": "B-2"}]}'
    ),
}


def answers(sql: str) -> list[list[str | None]]:
    """Return the rows that *sql* has, of two messages."""
    s3: Any = FakeS3(OBJECTS)
    return [list(row) for row in ask(s3, "bucket", sql).rows]


@pytest.mark.parametrize("sql", STATEMENTS)
def test_statement_is_answered(sql: str) -> None:
    """Whoever copies it starts from something that works."""
    assert len(STATEMENTS) == 3
    assert answers(sql) is not None


def test_elements_of_a_list_become_rows() -> None:
    """As the page says."""
    [sql] = [each for each in STATEMENTS if "UNNEST" in each]

    assert [row[1:] for row in answers(sql)] == [["A-1", "2"], ["B-2", None]]


def test_members_are_read_by_their_path() -> None:
    """As the page says."""
    [sql] = [each for each in STATEMENTS if "first_price" in each]

    assert [row[1:] for row in answers(sql)] == [["v", None]]


def test_every_column_that_all_views_have_is_told() -> None:
    """A column that is not on the page is not found."""
    for column in FIXED:
        assert f"`{column}`" in READING


def test_every_saved_query_and_view_is_listed_by_the_command_alone() -> None:
    """The page names the ones that it uses, and these are there."""
    for name in re.findall(r"make query .*NAME=(\w+)", READING):
        assert name in saved_queries()
    assert {"email", "four_fields", "all_messages"} <= views().keys()
