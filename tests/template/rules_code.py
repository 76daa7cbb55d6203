"""Rules: the template fits the functions' code."""
# ruff: noqa: D401  # a rule's docstring states the promise

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.support.template import FUNCTIONS
from tests.template import source
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
def variables_point_at_our_resources(deployment: Deployment) -> Iterator[str]:
    """A variable that names a resource names the right one, and the service names itself."""
    stage = deployment.parameters["Stage"]
    expected = {
        "MESSAGE_QUEUE_URL": "MessageQueue",
        "MESSAGE_BUCKET_NAME": "MessageBucket",
        "IDEMPOTENCY_KEY_BUCKET_NAME": "IdempotencyKeyBucket",
        "KEYS_ALSO_IN_MESSAGE_BUCKET": deployment.parameters["KeysAlsoInMessageBucket"],
        "TOKEN_PARAMETER_PATH": f"/weir/{stage}/tokens",
        "STORAGE_LAYOUT": deployment.parameters["StorageLayout"],
        "DEFAULT_CONTRACT": deployment.parameters["DefaultContract"],
        "AWS_ENDPOINT_URL": deployment.parameters["AwsEndpointUrl"],
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "STAGE": stage,
        "WEIR_VERSION": deployment.template["Mappings"]["Weir"]["Release"]["Version"],
    }
    for function, service in FUNCTIONS.items():
        wanted = {**expected, "POWERTOOLS_SERVICE_NAME": service}
        for name, value in variables(deployment, function).items():
            if value != wanted.get(name, value):
                yield f"{function}: {name} is {value!r}, not {wanted[name]!r}"


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
def events_invoke_the_published_version(deployment: Deployment) -> Iterator[str]:
    """What calls an alias gets what is rolled back, and every parameter that is changed."""
    called = {
        "UploaderFunctionMessages": ("FunctionName",),
        "HttpApiTokenAuthorizerAuthorizerPermission": ("FunctionName",),
    }
    for name, path in called.items():
        value: Any = deployment.properties(name)
        for key in path:
            value = value.get(key, {})
        if "Aliaslive" not in str(value):
            yield f"{name} calls {value}"
    for function in FUNCTIONS:
        properties = deployment.source["Resources"].get(function, {}).get("Properties", {})
        if "AutoPublishAlias" not in properties:
            continue
        if not properties.get("AutoPublishAliasAllProperties"):
            yield f"{function}: a changed setting would not reach the alias"
        given = references([properties.get("Environment"), deployment.source["Globals"]])
        named = references(properties.get("VersionDescription"))
        if behind := (given & deployment.parameters.keys()) - named:
            yield f"{function}: a change of {sorted(behind)} would not reach the alias"


def references(value: Any) -> set[str]:
    """Return the names that *value*, a part of the source, refers to."""
    text = json.dumps(value)
    return set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r"\$\{(\w+)\}", text))


@rule
def old_versions_are_deleted(deployment: Deployment) -> Iterator[str]:
    """Versions that no alias needs do not pile up to the account's limit on code."""
    for name, version in deployment.of_type("AWS::Lambda::Version").items():
        if version.get("DeletionPolicy") != "Delete":
            yield f"{name} is kept for ever"


@rule
def functions_run_alike(deployment: Deployment) -> Iterator[str]:
    """Runtime, architecture, tracing and recursion guard hold for every function."""
    for function in FUNCTIONS:
        properties = deployment.properties(function)
        for name, wanted in {
            "Runtime": "python3.13",
            "Architectures": [deployment.parameters["Architecture"]],
            "TracingConfig": {"Mode": "Active"},
            "RecursiveLoop": "Terminate",
        }.items():
            if properties.get(name) != wanted:
                yield f"{function}: {name} is {properties.get(name)}, not {wanted}"
        if "ReservedConcurrentExecutions" in properties:
            yield f"{function}: reserved concurrency turns throttled receives into retries"
