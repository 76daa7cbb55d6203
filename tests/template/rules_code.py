"""Rules: the template fits the functions' code."""
# ruff: noqa: D401  # a rule's docstring states the promise

import json
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.support.template import FUNCTIONS
from tests.template import source
from tests.template.closed import ABSENT, differences
from tests.template.decided.functions import VARIABLES
from tests.template.deployment import Deployment
from tests.template.rules import rule

READ_BY_LIBRARIES = {
    "AWS_ENDPOINT_URL",  # boto3
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_SERVICE_NAME",
    "PYDANTIC_DISABLE_PLUGINS",
}
TOLD_AND_NOT_READ = {"WEIR_VERSION"}  # a release is a new version of each function
SET_BY_LAMBDA = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}


def variables(deployment: Deployment, function: str) -> dict[str, Any]:
    """Return the environment that *function* is given."""
    environment: dict[str, Any] = deployment.properties(function).get("Environment", {})
    return dict(environment.get("Variables", {}))


def code_of(deployment: Deployment, function: str) -> source.Handler:
    """Return where the code of *function* is."""
    properties = deployment.source["Resources"].get(function, {}).get("Properties", {})
    return source.Handler(properties.get("CodeUri", ""), properties.get("Handler", "..."))


@rule
def handlers_exist(deployment: Deployment) -> Iterator[str]:
    """Each function's handler is in its code."""
    for function in FUNCTIONS:
        if not source.of_handler(code_of(deployment, function)):
            yield f"{function}: the handler is not in the code"


@rule
def variables_set_are_the_variables_read(deployment: Deployment) -> Iterator[str]:
    """No variable is set for nobody, and none is read that nobody sets."""
    for function in FUNCTIONS:
        read = source.variables_read(code_of(deployment, function)) - SET_BY_LAMBDA
        given = set(variables(deployment, function))
        for name in given ^ (read | READ_BY_LIBRARIES):
            if name not in TOLD_AND_NOT_READ or name not in given:
                yield f"{function}: {name} is {'set and not read' if name in given else 'not set'}"


@rule
def variables_are_those_decided_on(deployment: Deployment) -> Iterator[str]:
    """A variable that names a resource names the right one, and the service names itself."""
    for function, service in FUNCTIONS.items():
        decided = {**VARIABLES, "POWERTOOLS_SERVICE_NAME": service}
        for name, value in variables(deployment, function).items():
            yield from differences(
                decided.get(name, ABSENT), value, deployment, f"{function}: {name}"
            )


@rule
def functions_start_with_their_settings(deployment: Deployment) -> Iterator[str]:
    """The code itself, run on what it is given, refuses nothing at its cold start."""
    for function in FUNCTIONS:
        properties = deployment.properties(function)
        package, module, _ = properties.get("Handler", "..").split(".")
        if module != "handler" or not find_spec(package) or not find_spec(f"{package}.settings"):
            continue
        environment = {name: str(value) for name, value in variables(deployment, function).items()}
        environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(properties.get("MemorySize", 128))
        try:
            import_module(f"{package}.settings").Settings.from_env(environment)
        except (KeyError, ValueError) as error:
            yield f"{function} does not start: {error!r}"


@rule
def checks_look_at_the_new_version(deployment: Deployment) -> Iterator[str]:
    """CodeDeploy asks each function's own check about the very version that it would move to."""
    for function in ("ValidatorFunction", "UploaderFunction"):
        check = function.replace("Function", "CheckFunction")
        version = str(variables(deployment, check).get("VERSION_ARN"))
        if not re.fullmatch(rf"{function}Version\w+", version):
            yield f"{check} looks at {version}"


@rule
def probe_targets_are_those_asked_for(deployment: Deployment) -> Iterator[str]:
    """The probe gets the user's targets, or both instances with the port that they listen on."""
    port = deployment.parameters["TargetPort"]
    instances = f"SameZoneTarget.PrivateIp:{port},OtherZoneTarget.PrivateIp:{port}"
    wanted = deployment.parameters["ProbeTargets"] or instances
    targets = variables(deployment, "LatencyProbeFunction").get("PROBE_TARGETS")
    if targets != wanted:
        yield f"the probe is given {targets!r} instead of {wanted!r}"


@rule
def changed_settings_make_a_new_version(deployment: Deployment) -> Iterator[str]:
    """SAM publishes a version when text changes; a parameter's value changes no text but this.

    So it names every parameter that the function is given, and the release, and nothing else.
    """
    for function in FUNCTIONS:
        properties = deployment.source["Resources"].get(function, {}).get("Properties", {})
        if "AutoPublishAlias" not in properties:
            continue
        if properties.get("AutoPublishAliasAllProperties") is not True:
            yield f"{function}: a changed setting would not reach the alias"
        given = references([properties.get("Environment"), deployment.source["Globals"]])
        wanted = (given & deployment.parameters.keys()) | {"Version"}
        named = references(properties.get("VersionDescription"))
        if named != wanted:
            yield f"{function}: {sorted(named ^ wanted)} would not reach the alias, or for nothing"
        [described] = [
            version["Properties"].get("Description", "")
            for name, version in deployment.of_type("AWS::Lambda::Version").items()
            if name.startswith(f"{function}Version")
        ] or [""]
        values = [str(deployment.parameters[name]) for name in wanted - {"Version"}]
        release = variables(deployment, function).get("WEIR_VERSION")
        if sorted(described.split(" ")) != sorted([str(release), *values]):
            yield f"{function}: a new version is told by {described!r}"


def references(value: Any) -> set[str]:
    """Return the names that *value*, a part of the source, refers to."""
    text = json.dumps(value)
    return set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r"\$\{(\w+)\}", text))


@rule
def the_canary_sends_where_senders_do(deployment: Deployment) -> Iterator[str]:
    """Sent past the domain, it would not see that the domain leads nowhere."""
    wanted = deployment.parameters["CanaryAddress"] or deployment.outputs["ApiUrl"]["Value"]
    address = variables(deployment, "CanaryFunction").get("API_URL")
    if address != wanted:
        yield f"the canary sends to {address!r}, and senders to {wanted!r}"
