"""A contract's columns: none that would round a number, and each member by its path."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from validator.contracts.models import Contract, Part
from validator.contracts.registry import CONTRACTS

from operations.query.columns import Column, columns


class Address(Part):
    """A nested part."""

    city: str
    number: Annotated[int, Field(ge=1, le=9999)]


class Line(Part):
    """An element of a list."""

    sku: str
    count: int


class Priced(Part):
    """An element with a fraction."""

    price: float


class Node(Part):
    """A part that contains itself."""

    name: str
    inner: "Node | None" = None


class Order(Contract):
    """One member of each kind."""

    text: str
    optional: str | None = None
    unbounded: int
    half_bounded: Annotated[int, Field(ge=0)]
    bounded: Annotated[int, Field(ge=0, lt=2**63)]
    too_wide: Annotated[int, Field(ge=0, le=2**64)]
    ratio: Annotated[float, Field(ge=0, le=1)]
    flag: bool
    size: Literal["s", "m"]
    rank: Literal[1, 2]
    address: Address
    second: Address | None = None
    lines: list[Line]
    prices: list[Priced]
    tags: dict[str, str]
    bag: dict[str, Any]
    either: str | int
    mixed: str | list[str]
    anything: Any
    node: Node
    client: str
    Text: str
    odd: Annotated[str, Field(alias="odd-name")]
    quoted: Annotated[str, Field(alias="it's")]


def test_each_kind_of_member_has_the_column_that_keeps_it() -> None:
    """A wrong type would round, cut or refuse what a sender has sent."""
    found = {column.name: column for column in columns(Order.model_json_schema())}

    text = {
        "text": "$.text",
        "optional": "$.optional",
        "unbounded": "$.unbounded",
        "half_bounded": "$.half_bounded",
        "too_wide": "$.too_wide",
        "ratio": "$.ratio",
        "size": "$.size",
        "address_city": "$.address.city",
        "second_city": "$.second.city",
        "either": "$.either",
        "anything": "$.anything",
        "node_name": "$.node.name",
        "message_client": "$.client",
        "message_text": "$.Text",
        "odd_name": '$["odd-name"]',
    }
    integers = {
        "bounded": "$.bounded",
        "rank": "$.rank",
        "address_number": "$.address.number",
        "second_number": "$.second.number",
    }
    assert found == {
        **{name: Column(name, "varchar", path, False) for name, path in text.items()},
        **{name: Column(name, "bigint", path, False) for name, path in integers.items()},
        "flag": Column("flag", "boolean", "$.flag", False),
        "lines": Column("lines", "varchar", "$.lines", True),
        "tags": Column("tags", "varchar", "$.tags", True),
    }


def test_columns_stand_in_the_order_of_the_model() -> None:
    """A reader finds them where the contract has them."""
    names = [column.name for column in columns(CONTRACTS["email"].model_json_schema())]

    assert names == ["email_subject", "email_sender", "email_timestream", "email_content"]


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_contract_that_ships_has_columns_of_different_names(name: str) -> None:
    """Two columns of one name would make the view's statement invalid."""
    names = [column.name for column in columns(CONTRACTS[name].model_json_schema())]

    assert len(names) == len(set(names))
