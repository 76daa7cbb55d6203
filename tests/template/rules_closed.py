"""Rules: what is deployed is what was decided on, in `tests/template/decided`, and nothing else."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from typing import Any

from tests.template.closed import ABSENT, Decided, differences
from tests.template.decided import FOR_PEOPLE, HELD_BY_TYPE, RESOURCES
from tests.template.decided.functions import SAM
from tests.template.deployment import Deployment, listed
from tests.template.rules import rule

WHERE = "decide on it in tests/template/decided"
# What may stand beside a resource's properties. CloudFormation's own reference lists no more.
BESIDE = {"Type", "Properties", "Condition", "Metadata", "DependsOn"}
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def decided_on(logical_id: str) -> Decided | None:
    """Return what was decided on the resource *logical_id*."""
    if logical_id in RESOURCES:
        return RESOURCES[logical_id]
    matching = (each for key, each in RESOURCES.items() if re.fullmatch(key, logical_id))
    return next(matching, None)


@rule
def resources_are_those_decided_on(deployment: Deployment) -> Iterator[str]:
    """Nothing is made that nobody decided on, and nothing is missing."""
    for name, resource in deployment.resources.items():
        decided = decided_on(name)
        if resource["Type"] in HELD_BY_TYPE:
            continue
        if decided is None:
            yield f"{name}, a {resource['Type']}: {WHERE}"
        elif resource["Type"] != decided.kind:
            yield f"{name} is a {resource['Type']}, not a {decided.kind}"
        elif not decided.is_deployed(deployment):
            yield f"{name} is deployed with these parameters"
    for key, decided in RESOURCES.items():
        found = [name for name in deployment.resources if re.fullmatch(key, name)]
        if len(found) != 1 and decided.is_deployed(deployment):
            yield f"{key}: {len(found)} are deployed with these parameters"


@rule
def resources_hold_what_was_decided(deployment: Deployment) -> Iterator[str]:
    """Each property is what was decided, and none is there that nobody decided on."""
    for name, resource in deployment.resources.items():
        if decided := decided_on(name):
            yield from differences_of(name, resource, decided, deployment)


def differences_of(
    name: str, resource: dict[str, Any], decided: Decided, deployment: Deployment
) -> Iterator[str]:
    """Yield how *resource* differs from what was *decided*, with the reason."""
    found = resource.get("Properties", {})
    for key in sorted({*decided.properties, *found}):
        if key in decided.properties:
            wanted, why = decided.properties[key]
            for difference in differences(
                wanted, found.get(key, ABSENT), deployment, f"{name}.{key}"
            ):
                yield f"{difference} ({why})"
        elif key not in FOR_PEOPLE:
            yield f"{name}.{key}: {WHERE}"


@rule
def nothing_else_is_said_of_a_resource(deployment: Deployment) -> Iterator[str]:
    """What outlives the stack does, what does not is not left over, and order is kept where needed.

    A first deployment that fails takes back what it made, or its remains would pile up.
    """
    for name, resource in deployment.resources.items():
        decided = decided_on(name)
        wanted: dict[str, Any] = {}
        if decided:
            wanted = {**(KEPT if decided.kept else {}), **decided.others}
            if missing := set(decided.after) - set(listed(resource.get("DependsOn", []))):
                yield f"{name} does not wait for {sorted(missing)}"
        for key in sorted({*wanted, *(resource.keys() - BESIDE)}):
            yield from differences(
                wanted.get(key, ABSENT), resource.get(key, ABSENT), deployment, f"{name}: {key}"
            )


@rule
def sam_is_told_what_was_decided(deployment: Deployment) -> Iterator[str]:
    """What SAM is told and does not show in what it makes is noticed all the same."""
    if deployment.source.get("Transform") != "AWS::Serverless-2016-10-31":
        yield f"CloudFormation transforms by {deployment.source.get('Transform')}"
    common = deployment.source["Globals"]["Function"]
    told = [("Globals", "Globals", common)]
    for name, resource in deployment.source["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"].startswith("AWS::Serverless::"):
            told.append((name, resource["Type"], properties))
            events = properties.get("Events", {}).values()
            told += [(name, event["Type"], event["Properties"]) for event in events]
    for name, kind, properties in told:
        for key in sorted(properties.keys() - SAM.get(kind, set())):
            yield f"{name}.{key}: {WHERE}/functions.py, SAM"
        for part in ("DeploymentPreference", "LoggingConfig"):
            for key in sorted(properties.get(part, {}).keys() - SAM[part]):
                yield f"{name}.{part}.{key}: {WHERE}/functions.py, SAM"
    if "LogGroup" in common.get("LoggingConfig", {}):
        yield "all functions would write to one log group"
