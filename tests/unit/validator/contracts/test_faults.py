"""Faults: told by place, never by value."""

import json
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field
from validator.contracts.faults import faults_of, pointer
from validator.contracts.models import Contract
from validator.contracts.registry import CONTRACTS

SECRET = "s3cr3t-value"

ANY_JSON = st.recursive(
    st.sampled_from([SECRET, 7_777_777, None, True, 7777.777]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=12,
)


def _reject(value: str) -> str:
    raise ValueError(value)


class Colour(StrEnum):
    """Names of colours."""

    RED = "red"


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"]


class Dog(BaseModel):
    """The other."""

    kind: Literal["dog"]


class Awkward(Contract):
    """A contract whose own error messages would quote what was sent."""

    example: ClassVar[dict[str, Any]] = {}

    identity: UUID
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    checked: Annotated[str, AfterValidator(_reject)]
    colour: Colour
    short: Annotated[str, Field(max_length=3)]


def test_never_quotes_a_value_even_where_the_library_would() -> None:
    """An answer may be logged by the sender's side, and a value may be anything."""
    names = ["identity", "checked", "colour", "short"]
    data = {**dict.fromkeys(names, SECRET), "pet": {"kind": SECRET}}

    found, count = faults_of(Awkward, json.dumps(data), "/data", 100)

    assert count == 5
    assert SECRET not in json.dumps(found)
    assert "z" not in "".join(fault["detail"] for fault in found if "identity" in fault["pointer"])


@pytest.mark.parametrize("model", CONTRACTS.values(), ids=CONTRACTS)
@given(
    data=st.dictionaries(
        st.sampled_from(["email_subject", "email_sender", "email_timestream", "x"]), ANY_JSON
    )
)
def test_contracts_that_ship_never_quote_a_value(model: type[Contract], data: object) -> None:
    """Neither texts nor numbers come back."""
    told = json.dumps(faults_of(model, json.dumps(data), "/data", 100))

    assert SECRET not in told
    assert "7777" not in told


def test_tells_no_more_than_the_limit_and_counts_all() -> None:
    """Lambda returns no more than 6 MB."""
    data = {f"field{number}": "" for number in range(50)}

    found, count = faults_of(CONTRACTS["four-fields"], json.dumps(data), "/data", 3)

    assert (len(found), count) == (3, 50)


def test_escapes_a_pointer_as_rfc_6901_says() -> None:
    """`/` and `~` in a member's name would point elsewhere."""
    assert pointer("/data", ["a/b", "m~n", 0, ""]) == "/data/a~1b/m~0n/0/"


def test_cuts_a_pointer_that_is_too_long() -> None:
    """A sender may name a member with a megabyte."""
    assert len(pointer("/data", ["x" * 1_000_000])) == 200
