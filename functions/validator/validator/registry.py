"""The contracts by name, derived from the models of `contracts`."""

import re
from collections.abc import Mapping

from . import contracts
from .contracts import Contract
from .problems import Kind, ProblemError


def _kebab_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def contracts_of(members: Mapping[str, object]) -> dict[str, type[Contract]]:
    """Return the contracts among the *members* of a module, by name."""
    return {
        _kebab_case(model.__name__): model
        for model in members.values()
        if isinstance(model, type) and issubclass(model, Contract) and model is not Contract
    }


CONTRACTS = contracts_of(vars(contracts))


def known_contract(name: str) -> str:
    """Return *name* if a contract has it."""
    if name not in CONTRACTS:
        raise ProblemError(
            Kind.UNKNOWN_CONTRACT, f"The contracts are {', '.join(sorted(CONTRACTS))}."
        )
    return name
