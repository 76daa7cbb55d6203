"""Changes of a contract: those that its producers and readers never notice, and those that break.

Each is judged against the record of the same contract as it was before.
"""

import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import AfterValidator, ConfigDict, Field
from validator.contracts.fields import NonEmptyText, Timestream
from validator.contracts.models import Contract, Part

from maintenance.contracts.limited import LIMIT_SECONDS
from maintenance.contracts.recorded import Record, path_of
from maintenance.contracts.report import findings
from maintenance.contracts.verdict import Breach, breaches


class Line(Part):
    """An article, as it was recorded."""

    article: NonEmptyText
    quantity: int = Field(ge=1, le=1000)
    note: str | None = None


class Node(Part):
    """A model within itself."""

    name: NonEmptyText
    parts: list["Node"] = Field(default_factory=list)


class Order(Contract):
    """The contract as it was recorded."""

    example: ClassVar[dict[str, Any]] = {
        "order_id": "4711",
        "country": "DE",
        "priority": "low",
        "weight": 7,
        "lines": [{"article": "umbrella", "quantity": 2}],
        "sent_at": "1693561101",
    }

    order_id: Annotated[str, Field(min_length=1, max_length=100)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    priority: Literal["low", "high"]
    weight: int = Field(ge=0, le=100)
    lines: list[Line] = Field(min_length=1, max_length=50)
    remark: NonEmptyText | None = None
    code: Annotated[str, Field(pattern="^[0-9]{1,12}$")] | None = None
    tree: Node | None = None
    sent_at: Timestream


class Open(Order):
    """The same, and members of any other name."""

    model_config = ConfigDict(extra="allow")


def changed(base: type[Contract] = Order, example: Any = None, **members: Any) -> type[Contract]:
    """Return *base* with other *members*, each a type, or a type and a field."""
    annotations = {
        name: member[0] if isinstance(member, tuple) else member for name, member in members.items()
    }
    fields = {name: member[1] for name, member in members.items() if isinstance(member, tuple)}
    namespace = {
        "__annotations__": annotations,
        "__module__": __name__,
        "example": {**base.example, **(example or {})},
        **fields,
    }
    model: type[Contract] = type("Order", (base,), namespace)
    return model


def line(**members: Any) -> Any:
    """Return a list of lines with other *members*."""
    model: Any = type(
        "Line",
        (Line,),
        {
            "__module__": __name__,
            "__annotations__": {name: member[0] for name, member in members.items()},
            **{name: member[1] for name, member in members.items()},
        },
    )
    return list[model]


class WiderNode(Part):
    """The model within itself, with one member more."""

    name: NonEmptyText
    parts: list["WiderNode"] = Field(default_factory=list)
    colour: NonEmptyText | None = None


class NarrowNode(Part):
    """The model within itself, with a shorter name."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    parts: list["NarrowNode"] = Field(default_factory=list)


def _not_4711(text: str) -> str:
    if text == "4711":
        raise ValueError("Should not be 4711")
    return text


SOME_LINES = Field(min_length=1, max_length=50)
Forbidden = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_not_4711)]

COMPATIBLE = {
    "an optional member more": changed(colour=(NonEmptyText | None, None)),
    "a member that may be left out": changed(priority=(Literal["low", "high"] | None, None)),
    "one choice more": changed(priority=Literal["low", "high", "urgent"]),
    "a text longer by one": changed(order_id=Annotated[str, Field(min_length=1, max_length=101)]),
    "a wider pattern": changed(country=Annotated[str, Field(pattern="^[A-Z]{2,3}$")]),
    "a bound higher by one": changed(weight=(int, Field(ge=0, le=101))),
    "a list that may be empty": changed(lines=(list[Line], Field(max_length=50))),
    "members of other names": changed(Open),
    "a lower bound within a part": changed(
        lines=(line(quantity=(int, Field(ge=0, le=1000))), SOME_LINES)
    ),
    "an optional member more within a part": changed(
        lines=(line(colour=(NonEmptyText | None, None)), SOME_LINES)
    ),
    "a member more of a model within itself": changed(tree=(WiderNode | None, None)),
    "a pattern that the comparison does not finish": changed(
        code=(Annotated[str, Field(pattern="^[0-9]{1,14}$")] | None, None)
    ),
}

# Each with the contract that was recorded, and with words that the sentence about it must hold.
BREAKING = {
    "a required member more": (Order, changed(colour=NonEmptyText), "/colour Field required"),
    "a member that may not be left out": (Order, changed(remark=NonEmptyText), "/remark"),
    "members of other names no more": (Open, changed(), "Extra inputs are not permitted"),
    "one choice less": (Order, changed(priority=Literal["low"]), "/priority"),
    "a text shorter by one": (
        Order,
        changed(order_id=Annotated[str, Field(min_length=1, max_length=99)]),
        "/order_id/maxLength was 100 and is 99",
    ),
    "a narrower pattern": (
        Order,
        changed(country=Annotated[str, Field(pattern="^[A-D][A-Z]$")]),
        "/country",
    ),
    "a bound lower by one": (Order, changed(weight=(int, Field(ge=0, le=99))), "/weight"),
    "a list shorter by one": (
        Order,
        changed(lines=(list[Line], Field(min_length=1, max_length=49))),
        "/lines/maxItems was 50 and is 49",
    ),
    "a higher bound within a part": (
        Order,
        changed(lines=(line(quantity=(int, Field(ge=2, le=1000))), SOME_LINES)),
        "quantity",
    ),
    "another type within a part": (
        Order,
        changed(lines=(line(note=(int | None, None)), SOME_LINES)),
        "note",
    ),
    "a typed member where any was allowed": (
        Open,
        changed(Open, colour=(NonEmptyText | None, None)),
        "/colour",
    ),
    "a model within itself gets narrower": (Order, changed(tree=(NarrowNode | None, None)), "name"),
    "a shorter pattern that the comparison does not finish": (
        Order,
        changed(code=(Annotated[str, Field(pattern="^[0-9]{1,3}$")] | None, None)),
        "/code",
    ),
    "code that no schema shows": (Order, changed(order_id=Forbidden), "refuses a recorded sample"),
    "a column of another type": (Order, changed(weight=(int, Field(ge=0))), "weight"),
}


def judged(old: type[Contract], new: type[Contract]) -> list[Breach]:
    """Return the breaches of *new*, found in no more time of a CPU than two programs may take."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    found = breaches(Record.of("order", old), new)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < 2 * LIMIT_SECONDS + 1
    return found


@pytest.mark.parametrize("new", COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_change_that_breaks_nobody_is_let_pass(new: type[Contract]) -> None:
    """A judge that cries wolf is switched off."""
    assert judged(Order, new) == []


@pytest.mark.parametrize(("old", "new", "words"), BREAKING.values(), ids=BREAKING)
def test_a_change_that_breaks_somebody_is_named(
    old: type[Contract], new: type[Contract], words: str
) -> None:
    """The sentence says what is refused, or what a reader will miss."""
    found = judged(old, new)

    assert any(words in breach.to_senders + breach.to_readers for breach in found), found


def test_a_wider_contract_is_recorded_with_the_samples_so_far(tmp_path: Path) -> None:
    """What it takes from now on is bound too; and a sample is there for what no schema shows."""
    sample = {**Order.example, "order_id": "1"}
    record = replace(Record.of("order", Order), samples=[Order.example, sample])
    path = path_of("order", "1", tmp_path)
    path.parent.mkdir()
    path.write_text(record.text())
    wider = changed(colour=(NonEmptyText | None, None), example={"colour": "red"})

    [finding] = findings({"order": wider}, tmp_path)

    assert finding.text == "order 1 takes all that it took, and more."
    written = json.loads(finding.record)
    assert "colour" in written["schema"]["properties"]
    assert written["samples"] == [Order.example, sample, wider.example]


def test_ten_of_each_are_judged() -> None:
    """What the design promises."""
    assert min(len(COMPATIBLE), len(BREAKING)) >= 10
