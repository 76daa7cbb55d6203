"""JSON Schemas, reduced to what decides whether a message is accepted."""

from collections.abc import Iterator, Mapping
from typing import Any

type Schema = dict[str, Any]

# Words for people; and `default`, which no message is checked against.
_WORDS = {"title", "description", "examples", "default", "deprecated"}
# Members of these objects have names of the contract's author, not of JSON Schema.
_NAMED = {"properties", "patternProperties", "$defs"}
# Levels to which a generated value nests a model in itself.
_DEEPEST = 2


def essence(schema: Mapping[str, Any]) -> Schema:
    """Return *schema* without what is only for people."""
    return {
        name: {each: essence(inner) for each, inner in value.items()}
        if name in _NAMED
        else _essence_of(value)
        for name, value in schema.items()
        if name not in _WORDS
    }


def _essence_of(value: Any) -> Any:
    if isinstance(value, dict):
        return essence(value)
    if isinstance(value, list):
        return [essence(each) if isinstance(each, dict) else each for each in value]
    return value


def unrolled(schema: Schema) -> Schema:
    """Return *schema* without references; deep within itself, a model is nothing."""
    definitions = schema.get("$defs", {})

    def inlined(node: Any, above: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [inlined(each, above) for each in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            if above.count(reference) > _DEEPEST:
                return False
            model = definitions[reference.rpartition("/")[2]]
            return inlined(model, (*above, reference))
        return {name: inlined(value, above) for name, value in node.items() if name != "$defs"}

    found: Schema = inlined(schema, ())
    return found


def compared(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Return *old* and *new* with a stand-in for each member that is the same in both.

    Neither has references. Members do not depend on each other, so what is the same decides
    nothing; and a pattern such as that of a time takes seconds to compare.
    """
    same = {name: {"type": "null"} for name in _same_members(old, new)}
    return _with_members(old, same), _with_members(new, same)


def generated(old: Schema, new: Schema, sample: Mapping[str, Any]) -> Schema:
    """Return *old* with each member that *new* does not change as it is in *sample*."""
    return _with_members(
        old,
        {
            name: {"const": sample[name]} if name in sample else False
            for name in _same_members(old, new)
        },
    )


def _same_members(old: Schema, new: Schema) -> list[str]:
    others = new.get("properties", {})
    return [
        name
        for name, member in old.get("properties", {}).items()
        if name in others and member == others[name]
    ]


def _with_members(schema: Schema, members: Schema) -> Schema:
    return {**schema, "properties": {**schema.get("properties", {}), **members}}


def differences(old: Any, new: Any, at: str = "") -> Iterator[str]:
    """Yield each place where *new* is not as *old*, and how."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{at} was {old!r} and is {new!r}"
        return
    for name in sorted(old.keys() | new.keys()):
        inner = f"{at}/{name}"
        if name not in new:
            yield f"{inner} is not there any more"
        elif name not in old:
            yield f"{inner} is new, {new[name]!r}"
        else:
            yield from differences(old[name], new[name], inner)
