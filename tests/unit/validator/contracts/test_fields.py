"""The times that contracts accept."""

from datetime import date, datetime, timedelta
from itertools import product

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from validator.contracts.fields import ISO_8601, NonEmptyText, Timestream

TIMESTREAM = TypeAdapter[str](Timestream)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1693561101",
        "253402300799",
        "2023-01-01T00:00:00Z",
        "2023-01-01t00:00:00z",
        "2023-01-01T00:00:00.123456789+05:30",
        "2024-02-29T23:59:59-00:00",
        "2000-02-29T00:00:00+01",
        "0001-01-01T00:00:00Z",
        "000000000000",
        "199999999999",
        "253399999999",
        "253402299999",
        "2023-01-01T00:00Z",
        "2023-01-01T00:00:00+0530",
        "2023-01-01T00:00:00,5-08",
    ],
)
def test_accepts_unix_seconds_and_iso_8601_with_a_zone(text: str) -> None:
    """Both forms are in use by senders, and neither is rewritten."""
    assert TIMESTREAM.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "now",
        "-1",
        "+1",
        "1.5",
        " 1693561101",
        "1693561101\n",
        "1693561101000",
        "253402300800",
        "\u0661\u0666\u0669\u0663",
        "2023-01-01",
        "2023-01-01T00:00:00",
        "2023-01-01 00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2023-01-01T24:00:00Z",
        "2023-01-01T00:60:00Z",
        "2023-01-01T00:00:60Z",
        "2023-01-01T00:00:00+24:00",
        "2023-01-01T00:00:00+10:60",
        "2023-01-01T00:00:00-00:61",
        "2023-01-01T00:00:00+1060",
        "2023-01-01T00:00:00.1234567890Z",
        "2023-04-31T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "999999999999",
        "0000-01-01T00:00:00Z",
        "20230101T000000Z",
        "2023-W01-1T00:00:00Z",
        "2023-01-01T00:00:00Z\n",
        "\uff12\uff10\uff12\uff13-01-01T00:00:00Z",
        "9" * 5000,
    ],
    ids=lambda text: repr(text[:30]),
)
def test_refuses_what_is_no_moment(text: str) -> None:
    """A time without a zone, or one that never was, would be read differently by each reader."""
    with pytest.raises(ValidationError):
        TIMESTREAM.validate_python(text)


def accepted(text: str) -> bool:
    """Return whether the code takes *text* for a time."""
    try:
        TIMESTREAM.validate_python(text)
    except ValidationError:
        return False
    return True


def test_every_day_of_the_calendar_is_accepted_and_no_other() -> None:
    """The expression knows months and leap years; Python's calendar is the judge."""
    days = {
        f"{year:04}-{month:02}-{day:02}"
        for year, month, day in product(
            (0, 1, 4, 99, 1900, 2000, 2023, 2024, 2100, 9999), range(14), range(33)
        )
    }
    real = {
        str(date(year, 1, 1) + timedelta(days))
        for year, days in product((1, 4, 99, 1900, 2000, 2023, 2024, 2100, 9999), range(365))
    } | {"0004-02-29", "0004-12-31", "2000-12-31", "2024-12-31"}

    assert {day for day in days if accepted(f"{day}T00:00:00Z")} == real & days


@given(st.integers(253_402_290_000, 253_402_310_000) | st.integers(0, 10**12 - 1))
def test_unix_seconds_end_with_the_year_9999(second: int) -> None:
    """ISO 8601 writes no later year in four digits."""
    assert accepted(str(second)) is (second <= 253_402_300_799)


@given(st.from_regex(ISO_8601, fullmatch=True))
def test_what_the_expression_takes_is_a_time_to_python_too(text: str) -> None:
    """A reader that parses what was accepted must not fail."""
    assert datetime.fromisoformat(text.upper()).tzinfo is not None


@given(
    st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?[+-][0-2][0-9](:?[0-6][0-9])?",
        fullmatch=True,
    )
    | st.text("0123456789-:TZ+.", max_size=30)
)
def test_code_and_published_schema_accept_the_same(text: str) -> None:
    """A client that is generated from the document must neither be refused nor refuse."""
    valid = jsonschema.Draft202012Validator(TIMESTREAM.json_schema()).is_valid(text)

    assert accepted(text) is valid


def test_refuses_empty_text() -> None:
    """An empty member is a sender's bug."""
    with pytest.raises(ValidationError):
        TypeAdapter[str](NonEmptyText).validate_python("")
