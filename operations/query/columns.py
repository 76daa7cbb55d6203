"""The columns that the view of a contract has, by the contract's JSON Schema.

| Member of a message | Column |
|---|---|
| text, or a number without bounds | `varchar`, so that no digit is lost |
| an integer whose bounds lie within 64 bits | `bigint` |
| a boolean | `boolean` |
| an object with named members | a column for each of them, `address.city` as `address_city` |
| a list or map that can hold no fraction and no unknown member | `varchar`: its JSON text |
| anything else | none: the column `message` has it |

Athena's JSON functions copy a fraction within a list by way of a double, which would round it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# The columns that every view begins with.
FIXED = (
    "message_id",
    "contract_version",
    "client",
    "received_at",
    "context",
    "dt",
    "hour",
    "message",
    "object_uri",
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A quote or a backslash would end or change the path's text.
_QUOTABLE_NAME = re.compile(r"[^'\"\\\x00-\x1f]+")
_LEAST, _MOST = -(2**63), 2**63 - 1

type Schema = Mapping[str, Any]


class Column(NamedTuple):
    """A column of a view: the member at *path*, as JSON text if *is_json*."""

    name: str
    sql_type: str
    path: str
    is_json: bool


def columns(schema: Schema) -> list[Column]:
    """Return the columns of a contract's own members, by its JSON *schema*, in its order.

    A name that is taken (Athena tells no upper from lower case) has `message_` before it.
    """
    taken = set(FIXED)
    found = []
    for steps, sql_type, is_json in _members(schema, schema, (), ()):
        name = re.sub(r"[^a-z0-9_]", "_", "_".join(steps).lower())
        while name in taken or not name[0].isalpha():
            name = f"message_{name}"
        taken.add(name)
        found.append(Column(name, sql_type, _path(steps), is_json))
    return found


def _members(
    root: Schema, node: Schema, steps: tuple[str, ...], seen: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    for name, member in node.get("properties", {}).items():
        if not _QUOTABLE_NAME.fullmatch(name):
            continue
        at = (*steps, name)
        found, references = _resolved(root, member, seen)
        if found is None:
            continue
        if found.get("properties"):
            yield from _members(root, found, at, references)
        elif _is_structure(found):
            if _is_exact(root, found, references):
                yield at, "varchar", True
        elif found.get("type") == "boolean":
            yield at, "boolean", False
        elif found.get("type") == "integer" and _is_bounded(found):
            yield at, "bigint", False
        elif all(not _is_structure(each) for each in _choices(root, found, references)):
            yield at, "varchar", False


def _resolved(
    root: Schema, node: Schema, seen: tuple[str, ...]
) -> tuple[Schema | None, tuple[str, ...]]:
    """Return what *node* stands for, None or not, and the references that led there.

    It is None where a model contains itself.
    """
    while True:
        if "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                return None, seen
            seen = (*seen, reference)
            node = root["$defs"][reference.rpartition("/")[2]]
            continue
        options = [
            each
            for key in ("anyOf", "oneOf", "allOf")
            for each in node.get(key, [])
            if each.get("type") != "null"
        ]
        if len(options) != 1:
            return node, seen
        node = options[0]


def _choices(root: Schema, node: Schema, seen: tuple[str, ...]) -> Iterator[Schema]:
    """Yield the forms that a value of *node* can have."""
    options = [*node.get("anyOf", []), *node.get("oneOf", [])]
    if not options:
        yield node
    for each in options:
        found, references = _resolved(root, each, seen)
        if found is None:
            yield {"type": "object"}
        elif found is node:
            yield node
        else:
            yield from _choices(root, found, references)


def _is_structure(node: Schema) -> bool:
    return node.get("type") in ("array", "object") or "properties" in node


def _is_bounded(node: Schema) -> bool:
    """Return whether each integer of *node* fits into 64 bits."""
    if values := node.get("enum"):
        return all(_LEAST <= value <= _MOST for value in values)
    if "const" in node:
        return bool(_LEAST <= node["const"] <= _MOST)
    least = node.get("minimum", node.get("exclusiveMinimum", _LEAST - 2) + 1)
    most = node.get("maximum", node.get("exclusiveMaximum", _MOST + 2) - 1)
    return bool(least >= _LEAST and most <= _MOST)


def _is_exact(root: Schema, node: Schema, seen: tuple[str, ...]) -> bool:
    """Return whether every value of *node* survives a copy by Athena's JSON functions."""
    for each in _choices(root, node, seen):
        found, references = _resolved(root, each, seen)
        if found is None:
            return False
        match found.get("type"):
            case "string" | "boolean" | "null" | "integer":
                inner: list[Any] = []
            case "array":
                inner = [*found.get("prefixItems", []), found.get("items", True)]
            case "object":
                inner = [*found.get("properties", {}).values()]
                inner.append(found.get("additionalProperties", True))
            case _:
                return False
        for one in inner:
            # False: nothing may stand there. True: anything may.
            if one is True or (one is not False and not _is_exact(root, one, references)):
                return False
    return True


def _path(steps: tuple[str, ...]) -> str:
    return "$" + "".join(
        f".{step}" if _PLAIN_NAME.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"
        for step in steps
    )
