"""What is wrong with a message, told by JSON Pointer (RFC 6901) and never by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .contracts import Contract

Fault = dict[str, str]

_MAX_POINTER_CHARACTERS = 200

# What a model itself says of its constraints. A message that is built from anything else, such as
# the tag of a union or a parser's complaint, may quote the value that was sent.
_CONSTRAINTS = {"class_name", "expected", "field_type", "actual_length", "min_length", "max_length"}
_CONSTRAINTS |= {"gt", "ge", "lt", "le", "multiple_of", "pattern", "missing"}


def faults_of(contract: type[Contract], text: str, at: str, limit: int) -> tuple[list[Fault], int]:
    """Return the first *limit* faults of the message *text*, and the number of all.

    *at* is the pointer at which the message lies.
    """
    try:
        contract.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [_fault(details, at) for details in found[:limit]], len(found)
    return [], 0


def pointer(at: str, path: Iterable[object]) -> str:
    """Return the JSON Pointer of *path* below *at*, cut to a length that fits an answer."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "/".join([at, *steps])[:_MAX_POINTER_CHARACTERS]


def _fault(details: Any, at: str) -> Fault:
    safe = details.get("ctx", {}).keys() <= _CONSTRAINTS
    return {
        "pointer": pointer(at, details["loc"]),
        "code": details["type"],
        "detail": details["msg"] if safe else "The value does not fit the contract",
    }
