"""The template's parameters, as `make up NAME=value` gives them and the stack keeps them."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from operations.project import ROOT

from .local_stack import StackError

# What the one-machine stack decides itself, and why.
OWN = {
    "Stage": "the stage of the one-machine stack is always local",
    "Architecture": "it follows from this machine's processor",
    "AwsEndpointUrl": "it is the address of the emulator",
    "MonthlyBudget": "the emulator costs nothing, and has no AWS Budgets",
    "TargetImageId": "the probe's targets are listeners on loopback here, not EC2 instances",
}
# What make reads itself.
OF_MAKE = {"PYTHON", "WEIR_PORT", "WEIR_FOLDER"}

Declarations = Mapping[str, Mapping[str, Any]]


class ParametersLoader(yaml.SafeLoader):
    """Reads a template for its parameters; what CloudFormation's short tags hold is left out."""


ParametersLoader.add_multi_constructor("!", lambda *_: None)


def declarations() -> Declarations:
    """Return the parameters of the template by name, as it declares them."""
    text = (ROOT / "template.yaml").read_text()
    template = yaml.load(text, ParametersLoader)  # noqa: S506 (a SafeLoader)
    found: Declarations = template["Parameters"]
    return found


def parse(words: Sequence[str], declared: Declarations) -> dict[str, str]:
    """Return the parameters in *words*, each `NAME=value`; an error says what would be right."""
    given = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name in OF_MAKE:
            continue
        if not equals:
            raise StackError(f"{word} has no value: make up {word}=...")
        if name not in declared:
            near = difflib.get_close_matches(
                name.replace("_", "").lower(), map(str.lower, declared)
            )
            meant = next((one for one in declared if near and one.lower() == near[0]), "")
            hint = f" Did you mean {meant}?" if meant else " docs/configuration.md lists them."
            raise StackError(f"The template has no parameter {name}.{hint}")
        if name in OWN:
            raise StackError(f"make up cannot take {name}: {OWN[name]}.")
        if value:
            check(name, value, declared[name])
        given[name] = value
    return given


def check(name: str, value: str, declared: Mapping[str, Any]) -> None:
    """Raise `StackError` for a *value* that CloudFormation would refuse for the parameter."""
    allowed = [str(one) for one in declared.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise StackError(f"{name} is one of {', '.join(allowed)}, and not {value!r}.")
    if declared["Type"] == "Number":
        least, most = declared.get("MinValue"), declared.get("MaxValue")
        bounds = (f" from {least}" if least is not None else "") + (
            f" to {most}" if most is not None else ""
        )
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        # Not a number is neither above nor below, so that the order of the comparison matters.
        inside = (least is None or number >= least) and (most is None or number <= most)
        if not inside or number != number:
            raise StackError(f"{name} is a number{bounds}, and not {value!r}.")
    if (pattern := declared.get("AllowedPattern")) and not re.fullmatch(pattern, value):
        rule = declared.get("ConstraintDescription", f"of the form {pattern}")
        raise StackError(f"{name} is {rule}, and not {value!r}.")


def kept(
    before: Mapping[str, str], given: Mapping[str, str], declared: Declarations
) -> dict[str, str]:
    """Return what a stack has that had *before*; an empty value takes the default again."""
    merged = {**before, **given}
    return {name: value for name, value in merged.items() if value and name in declared}


def as_told(parameters: Mapping[str, str]) -> str:
    """Return the line that shows the *parameters* that differ from the template's defaults."""
    given = " ".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    if not given:
        return "Parameters none given: make up NAME=value takes any of docs/configuration.md"
    return f"Parameters {given} (kept until make down; NAME= takes the default again)"
