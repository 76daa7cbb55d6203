"""The context: what is kept beside a message fits into what SQS and S3 take."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validator.intake.context import MAX_CONTEXT_BYTES, context_text, trace_of

# https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STATE = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"


@pytest.mark.parametrize(
    "parent",
    [
        PARENT,
        PARENT[:-2] + "00",
        "cc" + PARENT[2:],
        "cc" + PARENT[2:] + "-what-the-future-holds",
        "fe" + PARENT[2:] + "-",
    ],
)
def test_a_valid_trace_is_kept(parent: str) -> None:
    """A later version of the header may be longer."""
    headers = {"traceparent": parent, "tracestate": STATE, "baggage": "a=b"}

    assert trace_of(headers) == {"traceparent": parent, "tracestate": STATE}
    assert trace_of({"traceparent": parent}) == {"traceparent": parent}


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "ff" + PARENT[2:],
        PARENT.upper(),
        PARENT + "-",
        PARENT + "-x",
        PARENT[:-1],
        PARENT + "0",
        PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        PARENT.replace("00f067aa0ba902b7", "0" * 16),
        f"{PARENT},{PARENT}",
        f" {PARENT}",
        PARENT.replace("4", "\u0664"),
        PARENT.replace("-", "_"),
        "cc" + PARENT[2:] + "," + PARENT,
        "cc" + PARENT[2:] + "-" + "x" * 65,
        PARENT + "\n",
    ],
    ids=ascii,
)
def test_an_invalid_trace_is_dropped(parent: str) -> None:
    """With its state, and without a word: a message is worth more than its trace."""
    assert trace_of({"traceparent": parent, "tracestate": STATE}) == {}


@pytest.mark.parametrize("state", ["", "x" * 513, "a=\u00fc", "a=b\n", " a=b", "a=\x7f"], ids=ascii)
def test_an_invalid_state_is_dropped_alone(state: str) -> None:
    """The parent says where the message comes from."""
    assert trace_of({"traceparent": PARENT, "tracestate": state}) == {"traceparent": PARENT}


def test_a_state_that_does_not_fit_is_dropped() -> None:
    """The rest is not."""
    full = {"cloudevent": {"a": "x" * 800}, "traceparent": PARENT}

    assert json.loads(context_text({**full, "tracestate": "a=" + "b" * 20})) == {
        **full,
        "tracestate": "a=" + "b" * 20,
    }
    assert json.loads(context_text({**full, "tracestate": "a=" + "b" * 400})) == full


def test_nothing_is_no_text() -> None:
    """A message without a context has no attribute for it."""
    assert context_text({}) == ""


kept = st.dictionaries(st.text(max_size=20), st.text(max_size=100) | st.integers(), max_size=5)


@given(kept)
def test_the_text_is_a_header_that_nobody_changes(context: dict[str, str | int]) -> None:
    """S3 keeps it as one: ASCII on one line, without two blanks that a signature takes for one."""
    text = context_text(context)

    assert text.isascii()
    assert "  " not in text
    assert not any(character < " " for character in text)
    assert json.loads(text or "{}") == context


def test_the_limit_leaves_room_in_the_metadata_of_s3() -> None:
    """2 KB in all, of which the longest names take less than 300 bytes."""
    assert MAX_CONTEXT_BYTES == 1024
