"""Rules: whoever deploys is told what to give and what comes out."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
import tomllib
from collections.abc import Iterator
from copy import copy
from functools import cache
from typing import Any

from operations.project import ROOT
from tests.template.closed import ABSENT, canonical, differences
from tests.template.decided.interface import (
    OUTPUTS,
    PARAMETERS,
    REFUSED_TOGETHER,
    TAKEN_TOGETHER,
    Parameter,
)
from tests.template.deployment import Deployment
from tests.template.rules import rule

# What may be said of a parameter.
SAID = {
    "Type", "Default", "Description", "ConstraintDescription", "AllowedValues", "AllowedPattern",
    "MinValue", "MaxValue", "MinLength", "MaxLength",
}  # fmt: skip


def takes(parameter: dict[str, Any], value: Any) -> bool:
    """Say whether CloudFormation takes *value* for *parameter*."""
    text = str(value)
    choices = parameter.get("AllowedValues")
    number = float(text) if parameter["Type"] == "Number" else 0
    return (
        (choices is None or text in map(canonical, choices))
        and re.fullmatch(parameter.get("AllowedPattern", ".*"), text, re.DOTALL) is not None
        and parameter.get("MinValue", number) <= number <= parameter.get("MaxValue", number)
        and int(parameter.get("MinLength", 0)) <= len(text)
        and len(text) <= int(parameter.get("MaxLength", len(text)))
    )


@rule
def parameters_are_those_decided_on(deployment: Deployment) -> Iterator[str]:
    """A default harms nobody, and a wrong value is refused before anything is made."""
    found = deployment.source["Parameters"]
    for name in sorted(found.keys() ^ PARAMETERS.keys()):
        yield f"{name}: {'decide on it in decided/interface.py' if name in found else 'is missing'}"
    for name in sorted(found.keys() & PARAMETERS.keys()):
        parameter, decided = found[name], PARAMETERS[name]
        if parameter.get("Type") != decided.kind:
            yield f"{name} is a {parameter.get('Type')}"
            continue
        if unknown := parameter.keys() - SAID:
            yield f"{name}: nobody decided on {sorted(unknown)}"
        if canonical(parameter.get("Default", ABSENT)) != canonical(decided.default):
            yield f"{name} is {parameter.get('Default')!r} unless given ({decided.why})"
        yield from _wrongly_judged(name, parameter, decided)


def _wrongly_judged(name: str, parameter: dict[str, Any], decided: Parameter) -> Iterator[str]:
    choices = parameter.get("AllowedValues")
    if choices is not None and canonical(choices) != canonical(list(decided.takes)):
        yield f"{name} takes {choices}"
    if choices is None and decided.takes and not decided.refuses:
        yield f"{name} takes anything"
    if not takes(parameter, decided.default):
        yield f"{name} refuses its own default"
    for value in decided.takes:
        if not takes(parameter, value):
            yield f"{name} refuses {value!r}"
    for value in decided.refuses:
        if takes(parameter, value):
            yield f"{name} takes {value!r}"


@rule
def parameters_explain_themselves(deployment: Deployment) -> Iterator[str]:
    """A wrong value is refused in words that say what is right."""
    for name, parameter in deployment.source["Parameters"].items():
        if not parameter.get("Description", "").endswith("."):
            yield f"{name} has no description"
        if "AllowedPattern" in parameter and not parameter.get("ConstraintDescription"):
            yield f"{name} refuses without a word"
    groups = deployment.source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    if sorted(shown) != sorted(deployment.source["Parameters"]):
        yield "a parameter is in no group, or in two"


@rule
def parameters_that_do_not_go_together_are_refused(deployment: Deployment) -> Iterator[str]:
    """The template's Rules say so before anything is made, and refuse nothing that works."""
    own = {name: str(value) for name, value in deployment.parameters.items()}
    for given in (*TAKEN_TOGETHER, own):
        for broken in refusals(deployment, given):
            yield f"{given} is refused: {broken}"
    for given in REFUSED_TOGETHER:
        if not list(refusals(deployment, given)):
            yield f"{given} is not refused"


def refusals(deployment: Deployment, given: dict[str, str]) -> Iterator[str]:
    """Yield what the template's Rules say against the parameters *given*, with defaults."""
    other = copy(deployment)
    other.pseudo = {name: given.get(name, usual) for name, usual in deployment.pseudo.items()}
    other.parameters = {
        name: given.get(name, parameter.get("Default", "given"))
        for name, parameter in deployment.template["Parameters"].items()
    }
    for name, found in deployment.template.get("Rules", {}).items():
        if found.keys() - {"RuleCondition", "Assertions"}:
            yield f"{name} is not of the shape of a rule"
        if not other.value(found.get("RuleCondition", {"Fn::Equals": ["", ""]})):
            continue
        for assertion in found["Assertions"]:
            if not other.value(assertion["Assert"]):
                yield assertion.get("AssertDescription", "")


@rule
def refusals_say_why(deployment: Deployment) -> Iterator[str]:
    """CloudFormation shows the description and nothing else."""
    for given in REFUSED_TOGETHER:
        for words in refusals(deployment, given):
            if not any(name in words for name in given):
                yield f"{given} is refused with {words!r}"


@rule
def outputs_are_those_decided_on(deployment: Deployment) -> Iterator[str]:
    """Scripts and people read them: each leads where it says, and says what to do with it."""
    for name in sorted({*deployment.outputs, *OUTPUTS}):
        output = deployment.outputs.get(name, {})
        deployed = "Condition" not in output or deployment.holds(output["Condition"])
        value = output.get("Value", ABSENT) if deployed else ABSENT
        if name not in OUTPUTS:
            yield f"{name}: decide on it in decided/interface.py"
            continue
        wanted, why = OUTPUTS[name]
        if wanted is not None:
            for difference in differences(wanted, value, deployment, name):
                yield f"{difference} ({why})"
        if output and not output.get("Description", "").endswith("."):
            yield f"{name} has no description"
        if unknown := output.keys() - {"Value", "Description", "Condition"}:
            yield f"{name}: nobody decided on {sorted(unknown)}"


@cache
def release() -> str:
    """Return the release that pyproject.toml names."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version


@rule
def release_is_the_project_s(deployment: Deployment) -> Iterator[str]:
    """One release, whoever asks: the output, each function, and the project."""
    told = {"the output": deployment.outputs.get("Version", {}).get("Value")}
    for name in deployment.of_type("AWS::Lambda::Function"):
        variables = deployment.properties(name).get("Environment", {}).get("Variables", {})
        told[name] = variables.get("WEIR_VERSION")
    for who, version in told.items():
        if version != release():
            yield f"{who} says {version}, and the project is {release()}"


@rule
def names_begin_with_the_stacks(deployment: Deployment) -> Iterator[str]:
    """Stacks of one account do not collide, and the pipeline may touch its own and no other.

    Dashboards of all regions are in one list, so their names tell the region too.
    """
    stack, region = deployment.pseudo["AWS::StackName"], deployment.pseudo["AWS::Region"]
    beginnings = {
        "AWS::CloudWatch::Dashboard": ("DashboardName", f"{stack}-{region}"),
        "AWS::Logs::QueryDefinition": ("Name", f"{stack}/"),
        "AWS::Scheduler::Schedule": ("Name", f"{stack}-"),
    }
    for kind, (key, beginning) in beginnings.items():
        for logical_id, found in deployment.of_type(kind).items():
            if not (name := found["Properties"].get(key, "")).startswith(beginning):
                yield f"{logical_id} is named {name!r}"
