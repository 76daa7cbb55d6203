"""JSON Schemas, reduced to what decides."""

from typing import Any

from maintenance.contracts.schema import compared, differences, essence, generated, unrolled


def test_what_is_for_people_goes_and_members_of_that_name_stay() -> None:
    """A member may well be called title."""
    schema = {
        "title": "Book",
        "description": "A book.",
        "properties": {"title": {"type": "string", "title": "Title", "default": "x"}},
        "$defs": {"description": {"anyOf": [{"title": "A", "type": "null"}]}},
    }

    assert essence(schema) == {
        "properties": {"title": {"type": "string"}},
        "$defs": {"description": {"anyOf": [{"type": "null"}]}},
    }


def test_a_model_within_itself_ends() -> None:
    """The libraries follow no reference in a circle."""
    node: Any = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}

    found: Any = unrolled({"$ref": "#/$defs/Node", "$defs": {"Node": node}})

    depth = 0
    while found:
        found, depth = found["properties"]["next"], depth + 1
    assert depth == 3


def test_only_what_differs_is_compared_and_generated() -> None:
    """A pattern that did not change costs seconds and decides nothing."""
    same, text, number = {"pattern": "^a{1,9}$"}, {"type": "string"}, {"type": "number"}
    old = {"properties": {"same": same, "absent": same, "other": text, "gone": text}}
    new = {"properties": {"same": same, "absent": same, "other": number}}
    stand_in = {"type": "null"}

    assert compared(old, new) == (
        {"properties": {"same": stand_in, "absent": stand_in, "other": text, "gone": text}},
        {"properties": {"same": stand_in, "absent": stand_in, "other": number}},
    )
    assert generated(old, new, {"same": "a"}) == {
        "properties": {"same": {"const": "a"}, "absent": False, "other": text, "gone": text}
    }


def test_differences_are_named_by_their_place() -> None:
    """A person looks there first."""
    old = {"properties": {"a": {"maxLength": 2, "type": "string"}}, "required": ["a"]}
    new = {"properties": {"a": {"maxLength": 1, "minLength": 1}}, "required": ["a"]}

    assert list(differences(old, new)) == [
        "/properties/a/maxLength was 2 and is 1",
        "/properties/a/minLength is new, 1",
        "/properties/a/type is not there any more",
    ]
