"""An answer as a table, CSV or JSON: nothing of a sender's text does harm, and nothing is lost."""

import csv
import io
import json

import pytest

from operations.query.answer import Answer, write_csv, write_json, write_table

TEXT = 'a,"b"\n\x1b[2J\u202e'
ANSWER = Answer(
    ["text", "n", "price", "ratio", "ok"],
    ["varchar", "bigint", "decimal", "double", "boolean"],
    [
        [TEXT, "9223372036854775807", "1.10", "0.5", "true"],
        [None, None, None, "NaN", "false"],
        ["", "7", "-12345678901234567890.12", "1.0E10", None],
    ],
)


def test_a_table_shows_control_characters_and_stands_in_columns() -> None:
    """A message must not be able to write to the reader's terminal."""
    output = io.StringIO()

    count = write_table(ANSWER, output)

    lines = output.getvalue().split("\n")
    assert count == 3
    assert lines[0].split() == ["text", "|", "n", "|", "price", "|", "ratio", "|", "ok"]
    assert lines[2].startswith('a,"b"\\n\\x1b[2J\\u202e | 9223372036854775807 |')
    assert lines[3].startswith("NULL ")
    assert {line.index(" | ") for line in lines[2:5]} == {lines[0].index(" | ")}


def test_csv_tells_null_from_empty_text() -> None:
    """Quotes stand around all but NULL."""
    output = io.StringIO()

    assert write_csv(ANSWER, output) == 3

    output.seek(0)
    assert list(csv.reader(output, quoting=csv.QUOTE_NOTNULL)) == [ANSWER.names, *ANSWER.rows]
    assert '\n,,,"NaN","false"\n"","7",' in output.getvalue()


def test_json_has_types_and_keeps_digits() -> None:
    """A decimal is text, as a reader of JSON would make a double of it."""
    output = io.StringIO()

    assert write_json(ANSWER, output) == 3

    assert json.loads(output.getvalue()) == [
        {"text": TEXT, "n": 9223372036854775807, "price": "1.10", "ratio": 0.5, "ok": True},
        {"text": None, "n": None, "price": None, "ratio": "NaN", "ok": False},
        {"text": "", "n": 7, "price": "-12345678901234567890.12", "ratio": 1e10, "ok": None},
    ]


def test_json_keeps_results_of_one_name() -> None:
    """A join often has two."""
    output = io.StringIO()

    write_json(Answer(["a", "a", "a_2"], ["bigint"] * 3, [["1", "2", "3"]]), output)

    assert json.loads(output.getvalue()) == [{"a": 1, "a_2": 2, "a_2_2": 3}]


@pytest.mark.parametrize(("write", "text"), [(write_json, "[]\n"), (write_csv, '"a"\n')])
def test_an_empty_answer_is_whole(write: object, text: str) -> None:
    """A program that reads it must not fail."""
    output = io.StringIO()

    assert callable(write)
    assert write(Answer(["a"], ["bigint"], []), output) == 0

    assert output.getvalue() == text
