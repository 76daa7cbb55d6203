"""JSON that keeps its own text, so that a message is stored exactly as it was sent.

pydantic's parser decides what is JSON: it withstands deep nesting, huge numbers and broken text.
Only valid JSON is walked here, to find where each value begins and ends.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic_core import from_json

from ..problems import Kind, ProblemError

_decode = json.JSONDecoder().raw_decode
_skip_separators = re.compile(r"[ \t\n\r:,]*").match

# Line breaks and tabs stand in JSON text only between tokens, so that a message becomes one line;
# U+FFFE and U+FFFF are the only other characters of JSON text that SQS refuses.
_ON_ONE_LINE = {"\t": None, "\n": None, "\r": None, "\ufffe": "\\ufffe", "\uffff": "\\uffff"}
_SQS_TEXT = str.maketrans(_ON_ONE_LINE)

_TWO_OF_ONE_NAME = "An object has two members of one name."


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value as the text that was sent.

    The parsed value is not kept: 6 MB of `{},` are 150 MB of dictionaries.
    """

    text: str

    def is_object(self) -> bool:
        """Return whether the value is a JSON object."""
        return self.text.startswith("{")

    def is_array(self) -> bool:
        """Return whether the value is a JSON array."""
        return self.text.startswith("[")

    def string(self) -> str | None:
        """Return the string that the value is; None if it is of another kind."""
        return json.loads(self.text) if self.text.startswith('"') else None

    def message_text(self) -> str:
        """Return the same value as text for SQS."""
        return self.text.translate(_SQS_TEXT)

    def refuse_ambiguity(self) -> None:
        """Refuse JSON that readers understand differently."""
        json.loads(self.text, object_pairs_hook=_unique, parse_float=_finite)


def read(raw: bytes) -> Value:
    """Return the one JSON document in UTF-8 that *raw* is."""
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        # The parser's message names the kind of fault and its place, never a value.
        raise ProblemError(Kind.NOT_JSON, f"The body is not JSON: {error}.") from error
    return Value(raw.decode().strip())


def members(document: Value, limit: int) -> dict[str, Value]:
    """Return the first *limit* members of *document*, a JSON object."""
    found: dict[str, Value] = {}
    for name, value in islice(_members(document.text), limit):
        if name in found:
            raise ProblemError(Kind.AMBIGUOUS_JSON, _TWO_OF_ONE_NAME)
        found[name] = value
    return found


def items(document: Value, limit: int) -> list[Value]:
    """Return the first *limit* items of *document*, a JSON array."""
    return list(islice(_items(document.text), limit))


def _members(text: str) -> Iterator[tuple[str, Value]]:
    at = _after_separators(text, 1)
    while text[at] != "}":
        name, end = _decode(text, at)
        start = _after_separators(text, end)
        end = _decode(text, start)[1]
        yield name, Value(text[start:end])
        at = _after_separators(text, end)


def _items(text: str) -> Iterator[Value]:
    at = _after_separators(text, 1)
    while text[at] != "]":
        end = _decode(text, at)[1]
        yield Value(text[at:end])
        at = _after_separators(text, end)


def _after_separators(text: str, at: int) -> int:
    match = _skip_separators(text, at)
    assert match  # noqa: S101 - the pattern matches the empty text too
    return match.end()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ProblemError(Kind.AMBIGUOUS_JSON, _TWO_OF_ONE_NAME)
    return members


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ProblemError(Kind.AMBIGUOUS_JSON, "A number is too large for a double.")
    return number
