"""The contracts by name, derived from the models in `models`."""

import re
from collections.abc import Mapping

from ..problems import Kind, ProblemError
from . import models
from .models import Contract


class UnusableContractError(Exception):
    """The uploader would refuse every message of this contract; the text says what to change."""


def contracts_of(members: Mapping[str, object]) -> dict[str, type[Contract]]:
    """Return the contracts among the *members* of a module, by name.

    Skip base models: classes whose name begins with `_`. Raise UnusableContractError for a name or
    a version that the uploader refuses: its messages would get a 202 and end in quarantine.
    """
    return {
        _name_of(model): model
        for model in members.values()
        if isinstance(model, type)
        and issubclass(model, Contract)
        and model is not Contract
        and not model.__name__.startswith("_")
    }


def is_contract_name(text: str) -> bool:
    """Return whether the uploader takes *text* for a contract's name."""
    return re.fullmatch(r"[a-z0-9](-?[a-z0-9]){0,99}", text) is not None


def is_contract_version(text: object) -> bool:
    """Return whether the uploader takes *text* for a contract's version."""
    return isinstance(text, str) and re.fullmatch(r"[1-9][0-9]{0,8}", text) is not None


def _name_of(model: type[Contract]) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", model.__name__).lower()
    if not is_contract_name(name):
        raise UnusableContractError(
            f"The class {model.__name__} cannot be a contract: its name would be {name!r}."
            " Use at most 100 letters and digits of ASCII."
        )
    if not is_contract_version(model.version):
        raise UnusableContractError(
            f"The class {model.__name__} cannot be a contract: its version is {model.version!r}."
            ' Use a whole number as text, from "1" to "999999999".'
        )
    return name


CONTRACTS = contracts_of(vars(models))


def known_contract(name: str) -> str:
    """Return *name* if a contract has it."""
    if name not in CONTRACTS:
        raise ProblemError(
            Kind.UNKNOWN_CONTRACT, f"The contracts are {', '.join(sorted(CONTRACTS))}."
        )
    return name
