"""JSON read with its own text: what is stored equals what was sent."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validator.intake.json_text import items, members, read
from validator.problems import ProblemError

TEXT = st.text(st.characters(codec="utf-8"))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
INDENTS = st.sampled_from([None, 0, 2, "\t"])
# What SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
SQS_REFUSES = [*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]
SQS_REFUSES = [point for point in SQS_REFUSES if point not in (0x9, 0xA, 0xD)]


@given(TEXT, ANY_JSON, INDENTS, st.booleans())
def test_keeps_the_value_of_a_member(name: str, data: Any, indent: Any, ascii_only: bool) -> None:
    """Whatever is sent, its text reads back equal, in one line that SQS takes."""
    sent = {"before": [{}], name: data, "after": "]}"}
    raw = json.dumps(sent, indent=indent, ensure_ascii=ascii_only).encode()

    found = members(read(raw), 100)

    assert {name: json.loads(value.text) for name, value in found.items()} == sent
    text = found[name].message_text()
    assert json.loads(text) == sent[name]
    assert not set("\r\n\t") & set(text)
    assert not any(chr(point) in text for point in SQS_REFUSES)


@settings(max_examples=50)
@given(st.lists(ANY_JSON, max_size=5), INDENTS)
def test_keeps_the_value_of_each_item(data: list[Any], indent: Any) -> None:
    """The items of a batch are told apart by their own text."""
    found = items(read(json.dumps(data, indent=indent).encode()), 1000)

    assert [json.loads(value.message_text()) for value in found] == data


@pytest.mark.parametrize(
    "number", ["0.1000000000000000055511151231257827", "1e2", "-0", "1.10", "9" * 4300, "1E-400"]
)
def test_keeps_every_digit(number: str) -> None:
    """A reader with decimals gets what the sender's decimals said."""
    (value,) = items(read(f"[{number}]".encode()), 1)

    assert value.message_text() == number
    assert json.loads(value.text, parse_float=Decimal, parse_int=Decimal) == Decimal(number)


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_escapes_what_sqs_refuses(character: str) -> None:
    """JSON text may hold two characters, and only two, that SQS does not take."""
    (value,) = items(read(f'["{character}"]'.encode()), 1)

    text = value.message_text()

    assert text.isascii()
    assert json.loads(text) == character


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '[{"b":[{"a":1,"a":2}]}]',
        r'{"a":1,"\u0061":2}',
        "1e400",
        "[-1e400]",
        "9" * 4000 + ".0",
    ],
    ids=lambda text: text[:20],
)
def test_refuses_what_readers_take_differently(text: str) -> None:
    """Which of two members counts, and what lies beyond a double, is up to the reader."""
    with pytest.raises(ProblemError, match="ambiguous-json"):
        read(text.encode()).refuse_ambiguity()


def test_refuses_a_member_twice_in_the_envelope() -> None:
    """Of two tokens or two messages, neither is the one that was meant."""
    with pytest.raises(ProblemError, match="ambiguous-json"):
        members(read(b'{"data": 1, "token": "t", "data": 2}'), 100)


@pytest.mark.parametrize("depth", [1, 150, 199])
def test_reads_deep_nesting_to_its_limit(depth: int) -> None:
    """The walk must withstand all that the parser lets through."""
    raw = b'{"data":' + b"[" * depth + b"]" * depth + b"}"

    assert members(read(raw), 1)["data"].message_text() == "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5_000,
        b"-" + b"1" * 4_301,
        b"NaN",
        b'"\\ud800"',
        b"\xff",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_refuses_what_breaks_parsers(raw: bytes) -> None:
    """None of these may end in anything but a refusal."""
    with pytest.raises(ProblemError, match="not-json"):
        read(raw)


@given(st.binary())
def test_withstands_any_bytes(raw: bytes) -> None:
    """Every body is either JSON, which is walked, or a refusal."""
    try:
        document = read(raw)
    except ProblemError:
        return

    assert json.loads(document.text) == json.loads(raw)


def test_reads_no_further_than_it_is_told() -> None:
    """Six megabytes hold two million items, and a message of each would fill the memory."""
    assert [value.text for value in items(read(b"[1, 2, 3]"), 2)] == ["1", "2"]
    assert members(read(b'{"a": 1, "b": 2}'), 1).keys() == {"a"}
