"""The contracts by name, derived from the models in `models`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..problems import Kind, ProblemError
from . import models
from .faults import faults_of
from .models import Contract, Part


class UnusableContractError(Exception):
    """A contract cannot work; the text names its class and says what to change."""

    def __init__(self, model: type, reason: str) -> None:
        super().__init__(f"The class {model.__name__} cannot be a contract: {reason}")


def contracts_of(members: Mapping[str, object]) -> dict[str, type[Contract]]:
    """Return the contracts among the *members* of a module, by name.

    Skip base models: classes whose name begins with `_`. Raise UnusableContractError for whatever
    would fail later: the uploader quarantines messages of a name or version that it refuses.
    """
    contracts: dict[str, type[Contract]] = {}
    for model in members.values():
        if not isinstance(model, type) or not issubclass(model, Contract):
            continue
        if model is Contract or model.__name__.startswith("_"):
            continue
        name = _name_of(model)
        if contracts.setdefault(name, model) is not model:
            raise UnusableContractError(model, f"another class is named {name!r} already.")
        if reason := next(_reasons(model), ""):
            raise UnusableContractError(model, reason)
    return contracts


def models_of(model: type[Contract]) -> set[type]:
    """Return *model* and all classes that are nested in it."""
    return {model, *_classes_in(model.__pydantic_core_schema__)}


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
            model, f"its name would be {name!r}. Use at most 100 letters and digits of ASCII."
        )
    return name


def _reasons(model: type[Contract]) -> Iterator[str]:
    """Yield why *model* cannot be a contract; each check relies on those before it."""
    if not is_contract_version(model.version):
        yield f'its version is {model.version!r}. Use a number as text, from "1" to "999999999".'
    if model.layout not in (None, "message", "batch"):
        yield f'its layout is {model.layout!r}. Use "message" or "batch", or name none.'
    for part in models_of(model):
        config = getattr(part, "model_config", {})
        if not issubclass(part, Part) or not config["strict"] or config["extra"] == "ignore":
            yield (
                f"its part {part.__name__} is lax. Make it a subclass of Part,"
                ' with strict=True and extra="forbid" or "allow".'
            )
    if not hasattr(model, "example"):
        yield "it has no example. Give it one that it accepts."
    faults, _ = faults_of(model, json.dumps(model.example), "", 1)
    if faults:
        yield f"it refuses its own example: {faults[0]}."


def _classes_in(schema: Any) -> Iterator[type]:
    if isinstance(schema, dict):
        if schema.get("type") in ("model", "dataclass"):
            yield schema["cls"]
        for value in schema.values():
            yield from _classes_in(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _classes_in(value)


CONTRACTS = contracts_of(vars(models))


def known_contract(name: str) -> str:
    """Return *name* if a contract has it."""
    if name not in CONTRACTS:
        raise ProblemError(
            Kind.UNKNOWN_CONTRACT, f"The contracts are {', '.join(sorted(CONTRACTS))}."
        )
    return name
