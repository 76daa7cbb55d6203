"""The registry: which classes are contracts, and under which names."""

from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.dataclasses import dataclass
from validator.contracts.faults import faults_of
from validator.contracts.models import (
    AnyObject,
    Canary,
    Contract,
    Email,
    FourFields,
    Part,
    Timestamped,
)
from validator.contracts.registry import (
    CONTRACTS,
    UnusableContractError,
    contracts_of,
    known_contract,
)
from validator.problems import ProblemError


def model(name: str, base: type[Contract] = Contract, **members: Any) -> type[Contract]:
    """Return a contract as a user writes it, of any *name*."""
    annotations = members.pop("annotations", {})
    members = {"example": {}, "__module__": __name__, "__annotations__": annotations, **members}
    return type(name, (base,), members)


def test_names_each_contract_after_its_model() -> None:
    """Senders know a contract by its route."""
    assert {
        "email": Email,
        "four-fields": FourFields,
        "timestamped": Timestamped,
        "any-object": AnyObject,
        "canary": Canary,
    } == CONTRACTS


def test_refuses_a_contract_that_nobody_made() -> None:
    """A message under no contract has not been checked."""
    with pytest.raises(ProblemError, match="unknown-contract"):
        known_contract("letter")


def test_a_base_model_is_no_contract() -> None:
    """Its route would take messages that the uploader quarantines."""
    base = model("_Tenant")
    invoice = model("Invoice", base)

    assert contracts_of({"_Tenant": base, "Invoice": invoice}) == {"invoice": invoice}


def test_what_else_a_module_holds_is_no_contract() -> None:
    """Models import what they are made of."""
    assert contracts_of({"Contract": Contract, "Any": Any, "int": int, "text": "Email"}) == {}


@pytest.mark.parametrize(
    "name", ["Invoice_v2", "R\u00fcckmeldung", "X" * 101, "Trailing_", "Two__Parts"]
)
def test_a_name_that_the_uploader_refuses_stops_the_import(name: str) -> None:
    """Otherwise every message would be answered with 202 and end in quarantine."""
    with pytest.raises(UnusableContractError, match=rf"The class {name} .* its name would be"):
        contracts_of({name: model(name)})


@pytest.mark.parametrize("version", ["0", "2026112601", "1.1", "", 2, None])
def test_a_version_that_the_uploader_refuses_stops_the_import(version: Any) -> None:
    """Otherwise every message would be answered with 202 and end in quarantine."""
    with pytest.raises(UnusableContractError, match=r"The class Invoice .* its version is"):
        contracts_of({"Invoice": model("Invoice", version=version)})


class Lax(BaseModel):
    """A nested model as a user writes it who does not know `Part`."""

    number: int


class Opened(Part, strict=False):
    """A part that says itself that it is lax."""

    number: int


class Ignoring(Part, extra="ignore"):
    """A part that drops members without a word."""

    number: int


@dataclass
class LaxDataclass:
    """A dataclass of pydantic's, which has a configuration of its own."""

    number: int


class Line(Part):
    """A part as it should be; it nests itself."""

    number: int
    lines: tuple["Line", ...] = ()


@pytest.mark.parametrize("part", [Lax, Opened, Ignoring, LaxDataclass])
@pytest.mark.parametrize("wrap", [list, dict, tuple, None])
def test_a_lax_part_stops_the_import(part: type, wrap: Any) -> None:
    """Otherwise "2" would pass for the number 2, and an unknown member would vanish."""
    of_part = {list: list[part], dict: dict[str, part], tuple: tuple[part, ...], None: part | None}  # type: ignore[valid-type]
    order = model("Order", annotations={"parts": of_part[wrap]}, example={"parts": None})

    with pytest.raises(UnusableContractError, match=f"Order .* its part {part.__name__} is lax"):
        contracts_of({"Order": order})


def test_a_part_of_a_part_is_looked_at() -> None:
    """The whole message is checked, however deep it is nested."""
    middle = type(
        "Middle", (Part,), {"__module__": __name__, "__annotations__": {"inner": list[Lax]}}
    )
    order = model("Order", annotations={"parts": list[middle]}, example={"parts": []})  # type: ignore[valid-type]

    with pytest.raises(UnusableContractError, match="its part Lax is lax"):
        contracts_of({"Order": order})


@pytest.mark.parametrize(
    "value", ['{"number": "2"}', '{"number": true}', '{"number": 2.0}', '{"number": 2, "x": 1}']
)
def test_a_part_is_as_strict_as_the_contract(value: str) -> None:
    """A reader may rely on the types that the contract names, at every depth."""
    order = model("Order", annotations={"lines": list[Line]}, example={"lines": [{"number": 2}]})
    contracts_of({"Order": order})

    faults, _ = faults_of(order, f'{{"lines": [{{"number": 1, "lines": [{value}]}}]}}', "", 9)

    assert [fault["pointer"].rpartition("/")[0] for fault in faults] == ["/lines/0/lines/0"]


def test_a_contract_without_an_example_stops_the_import() -> None:
    """The example is what documents, tests and the check of a release send."""
    bare = type("Bare", (Contract,), {"__module__": __name__, "__annotations__": {}})

    with pytest.raises(UnusableContractError, match=r"Bare .* no example"):
        contracts_of({"Bare": bare})


def test_an_example_that_breaks_its_contract_stops_the_import() -> None:
    """A sender copies the example first."""
    order = model("Order", annotations={"number": int}, example={"number": "2"})

    with pytest.raises(UnusableContractError, match=r"Order .* refuses its own example.*/number"):
        contracts_of({"Order": order})


def test_two_classes_of_one_name_stop_the_import() -> None:
    """One would silently take the other's messages."""
    with pytest.raises(UnusableContractError, match="named 'order' already"):
        contracts_of({"Order": model("Order"), "order": model("order")})
