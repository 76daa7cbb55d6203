"""Faults of a message: where they are, by JSON Pointer (RFC 6901), and never the value."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from .models import Contract

Fault = dict[str, str]

_MAX_POINTER_CHARACTERS = 200

# Context keys that come from the model. A message built from any other key (the tag of a union, a
# parser's error) may quote the sender's value, so it is replaced.
_CONSTRAINTS = {"class_name", "expected", "field_type", "actual_length", "min_length", "max_length"}
_CONSTRAINTS |= {"gt", "ge", "lt", "le", "multiple_of", "pattern", "missing"}


def faults_of(contract: type[Contract], text: str, at: str, limit: int) -> tuple[list[Fault], int]:
    """Return the first *limit* faults of the message *text*, and the number of all.

    *at* is the pointer to the message.
    """
    try:
        contract.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [_fault(details, at) for details in found[:limit]], len(found)
    return [], 0


def pointer(at: str, path: Iterable[object]) -> str:
    """Return the JSON Pointer of *path* below *at*, cut to a length that fits into an answer."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "/".join([at, *steps])[:_MAX_POINTER_CHARACTERS]


def _fault(details: Any, at: str) -> Fault:
    safe = details.get("ctx", {}).keys() <= _CONSTRAINTS
    return {
        "pointer": pointer(at, details["loc"]),
        "code": details["type"],
        "detail": details["msg"] if safe else "The value does not fit the contract",
    }
