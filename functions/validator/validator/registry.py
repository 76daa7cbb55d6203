"""The contracts by name, derived from the models of `contracts`."""

import re

from . import contracts
from .contracts import Contract
from .problems import Kind, ProblemError


def _kebab_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


CONTRACTS: dict[str, type[Contract]] = {
    _kebab_case(name): model
    for name, model in vars(contracts).items()
    if isinstance(model, type) and issubclass(model, Contract) and model is not Contract
}


def known_contract(name: str) -> str:
    """Return *name* if a contract has it."""
    if name not in CONTRACTS:
        raise ProblemError(
            Kind.UNKNOWN_CONTRACT, f"The contracts are {', '.join(sorted(CONTRACTS))}."
        )
    return name
