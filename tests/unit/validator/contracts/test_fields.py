"""The times that contracts accept."""

import pytest
from pydantic import TypeAdapter, ValidationError
from validator.contracts.fields import NonEmptyText, Timestream

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


def test_refuses_empty_text() -> None:
    """An empty member is a sender's bug."""
    with pytest.raises(ValidationError):
        TypeAdapter[str](NonEmptyText).validate_python("")
