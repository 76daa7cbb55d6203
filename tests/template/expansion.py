"""Expand and lint templates for the tests, in the environment of the SAM command line.

The SAM translator and what the functions ship pin different versions of pydantic, so this runs as
a process of its own: a JSON request a line on standard input, a JSON answer a line on standard
output.
"""

import json
import sys
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import cfnlint
from cfnlint.api import ManualArgs, lint
from cfnlint.helpers import REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from samtranslator.internal.schema_source import aws_serverless_function, aws_serverless_httpapi
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.arn_generator import ArnGenerator
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
from yaml import YAMLError

REGION = "eu-central-1"
# AWS's Service Authorization Reference, as cfn-lint brings it along.
AUTHORIZATION = Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json"
# SAM's types and events: its model of the properties, and the type that CloudFormation makes of it.
OF_SAM = {
    "AWS::Serverless::Function": (aws_serverless_function.Properties, "AWS::Lambda::Function"),
    "AWS::Serverless::HttpApi": (aws_serverless_httpapi.Properties, "AWS::ApiGatewayV2::Api"),
    "event HttpApi": (aws_serverless_function.HttpApiEventProperties, "AWS::ApiGatewayV2::Route"),
    "event SQS": (aws_serverless_function.SQSEventProperties, "AWS::Lambda::EventSourceMapping"),
    "event ScheduleV2": (
        aws_serverless_function.ScheduleV2EventProperties,
        "AWS::Scheduler::Schedule",
    ),
}


# What the translator ends in when a template is not even of the shape that it looks into.
CRASHES = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class NoManagedPolicies:
    """Weir's roles name no managed policy, so the translator needs none."""

    def load(self) -> dict[str, str]:
        """Give no policies."""
        return {}


def expand(source: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """Translate the SAM template *source* as CloudFormation would, given *parameters*."""
    template = deepcopy(source)
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://artifacts/package.zip"
    # The translator writes a partition out here and there, which it takes from the region.
    ArnGenerator.BOTO_SESSION_REGION_NAME = parameters.get("AWS::Region", REGION)
    expanded: dict[str, Any] = transform(template, dict(parameters), NoManagedPolicies())
    return expanded


@lru_cache(maxsize=1)
def parse(text: str) -> dict[str, Any]:
    """Read the template *text*; the same one is asked for several times."""
    source: dict[str, Any] = yaml_parse(text)
    return source


def findings(text: str) -> list[str]:
    """Return what cfn-lint finds in the template *text*."""
    return [
        f"{match.rule.id} {'/'.join(map(str, getattr(match, 'path', None) or []))}: {match.message}"
        for match in lint(text, config=ManualArgs(regions=[REGION]))
    ]


def registry(types: list[str]) -> dict[str, Any]:
    """Return what CloudFormation's registry says of resource *types*.

    ``calls`` are the actions of the handlers that make, read, change and delete one; listing is
    for people. ``create_only`` are the properties that cannot change without a replacement.
    """
    found = {}
    for kind in types:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        handlers = {name: each for name, each in schema["handlers"].items() if name != "list"}
        calls = [call for each in handlers.values() for call in each.get("permissions", [])]
        calls += schema.get("tagging", {}).get("permissions", [])
        found[kind] = {
            "calls": sorted(set(calls)),
            "create_only": schema.get("createOnlyProperties", []),
        }
    return found


def regions_of(kind: str) -> list[str]:
    """Return the regions in which CloudFormation's registry has the type *kind*."""
    types = PROVIDER_SCHEMA_MANAGER.get_resource_types
    return sorted(region for region in REGIONS if kind in types(region))


def schema(kind: str) -> dict[str, Any]:
    """Return the schema of the resource type *kind*, without what only AWS writes.

    SAM says little of its types' properties: those that CloudFormation's own type has as well are
    taken from there. An event of a function is asked for by its Type, as in `event SQS`.
    """
    if kind not in OF_SAM:
        found: dict[str, Any] = dict(
            PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        )
        read_only = {
            path.removeprefix("/properties/") for path in found.get("readOnlyProperties", [])
        }
        properties = {k: v for k, v in found["properties"].items() if k not in read_only}
        return {"properties": properties, "definitions": found.get("definitions", {})}
    model, twin = OF_SAM[kind]
    known = schema(twin)
    names = model.schema()["properties"]
    return {**known, "properties": {name: known["properties"].get(name, {}) for name in names}}


def resources_of_actions() -> dict[str, list[str]]:
    """Return the ARNs' forms that each action of AWS takes, by its name in lower case."""
    found = {}
    for service, known in json.loads(AUTHORIZATION.read_text()).items():
        forms = {
            name.lower(): each.get("ARNFormats", []) for name, each in known["Resources"].items()
        }
        for action, each in known["Actions"].items():
            kinds = [kind.lower() for kind in each.get("Resources", [])]
            arns = [arn for kind in kinds for arn in forms.get(kind, [])]
            found[f"{service}:{action}".lower()] = arns
    return found


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what *request* asks: expand with parameters, or lint source and expansion."""
    text = request.get("template", "{}")
    try:
        source = request.get("source") or parse(text)
        if request["task"] == "lint":
            expanded = json.dumps(expand(source, {}))
            return {"findings": findings(text) + findings(expanded)}
        if request["task"] == "parse":
            return {"source": source}
        if request["task"] == "regions":
            return {"regions": regions_of(request["type"])}
        if request["task"] == "schemas":
            return {kind: schema(kind) for kind in request["types"]}
        if request["task"] == "registry":
            return {"types": registry(request["types"]), "actions": resources_of_actions()}
        return {"source": source, "expanded": expand(source, request["parameters"])}
    except (InvalidDocumentException, YAMLError, *CRASHES) as error:
        return {"error": str(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line)), default=str) + "\n")
        sys.stdout.flush()
