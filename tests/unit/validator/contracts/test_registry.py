"""The registry: which classes are contracts, and under which names."""

from typing import Any

import pytest
from validator.contracts.models import Contract, Email, FourFields, Timestamped
from validator.contracts.registry import (
    CONTRACTS,
    UnusableContractError,
    contracts_of,
    known_contract,
)
from validator.problems import ProblemError


def model(name: str, base: type[Contract] = Contract, **members: Any) -> type[Contract]:
    """Return a contract as a user writes it, of any *name*."""
    return type(name, (base,), {"__module__": __name__, "__annotations__": {}, **members})


def test_names_each_contract_after_its_model() -> None:
    """Senders know a contract by its route."""
    assert {"email": Email, "four-fields": FourFields, "timestamped": Timestamped} == CONTRACTS


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
