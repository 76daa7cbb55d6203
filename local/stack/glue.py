"""What the emulator lacks, put beside it by public AWS API calls alone.

It refuses some resource types, makes no routes from an HTTP API's OpenAPI body, takes a number that
a parameter gives for text, asks for some permissions otherwise than AWS, and takes no metrics out
of log lines (EMF). docs/local.md lists what it cannot show at all.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from .machine import StackError

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

# The emulator answers "Unrecognized resource types" to a template that has one of these.
LEFT_OUT = {
    "AWS::CloudWatch::CompositeAlarm": "only the emulator's API knows composite alarms",
    "AWS::EC2::SecurityGroupEgress": "the emulator knows rules only within their group",
    "AWS::EC2::SecurityGroupIngress": "the emulator knows rules only within their group",
    "AWS::Logs::QueryDefinition": "the emulator keeps no saved queries",
}


# ---- resource types that the emulator refuses ----------------------------------------------------
def leave_out(template: dict[str, Any]) -> dict[str, str]:
    """Take the resources of `LEFT_OUT` out of *template*; return their types by their names.

    Only `DependsOn` and outputs may name a resource that is left out: anything else would change
    what the rest of the template means, and is an error.
    """
    resources = template["Resources"]
    names = {
        name: resource["Type"]
        for name, resource in resources.items()
        if resource["Type"] in LEFT_OUT
    }
    for name in names:
        del resources[name]
    for resource in resources.values():
        if waits := resource.get("DependsOn"):
            listed = [waits] if isinstance(waits, str) else waits
            resource["DependsOn"] = [name for name in listed if name not in names]
    outputs = template.get("Outputs", {})
    for name in [name for name, output in outputs.items() if _references(output) & names.keys()]:
        del outputs[name]
    for name, resource in resources.items():
        if missing := _references(resource) & names.keys():
            raise StackError(f"{name} needs {missing.pop()}, which the emulator does not know.")
    return names


def _references(value: Any) -> set[str]:
    """Return the logical ids, parameters and pseudo parameters that *value* refers to."""
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_references, value.values()))
    match value:
        case {"Ref": str(name)}:
            found.add(name)
        case {"Fn::GetAtt": [str(name), *_]}:
            found.add(name)
        case {"Fn::GetAtt": str(text)}:
            found.add(text.partition(".")[0])
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            found.update(re.findall(r"\$\{([^!.}]+)", text))
    return found


# ---- routes of the HTTP API ----------------------------------------------------------------------
class Route(NamedTuple):
    """Where the requests of one route go, and the authorizer that guards it."""

    uri: str
    authorizer: str | None


def routes_of(body: Mapping[str, Any], physical_ids: Mapping[str, str]) -> dict[str, Route]:
    """Return the routes in the OpenAPI *body* of a processed template, by route key."""
    routes = {}
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            verb = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
            integration = operation["x-amazon-apigateway-integration"]
            guards = [name for scheme in operation.get("security", []) for name in scheme]
            routes["$default" if path == "$default" else f"{verb} {path}"] = Route(
                _resolve(integration["uri"], physical_ids), guards[0] if guards else None
            )
    return routes


def authorizers_of(
    body: Mapping[str, Any], physical_ids: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return the settings of the authorizers in *body*, by name."""
    schemes = body.get("components", {}).get("securitySchemes", {})
    return {
        name: {
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": _resolve(authorizer["authorizerUri"], physical_ids),
            "AuthorizerPayloadFormatVersion": authorizer["authorizerPayloadFormatVersion"],
            "AuthorizerResultTtlInSeconds": authorizer["authorizerResultTtlInSeconds"],
            "EnableSimpleResponses": authorizer["enableSimpleResponses"],
            "IdentitySource": authorizer["identitySource"],
        }
        for name, scheme in schemes.items()
        for authorizer in [scheme["x-amazon-apigateway-authorizer"]]
    }


def _resolve(value: Any, physical_ids: Mapping[str, str]) -> str:
    """Return the text of *value* with its `Ref` and `Fn::Sub` put in."""
    match value:
        case str(text):
            return text
        case {"Ref": str(name)}:
            return physical_ids[name]
        case {"Fn::Sub": [str(text), dict(variables)]}:
            given = {name: _resolve(inner, physical_ids) for name, inner in variables.items()}
            return _resolve({"Fn::Sub": text}, {**physical_ids, **given})
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: physical_ids[found[1]], text)
    raise StackError(f"An address in the API's OpenAPI body is of an unknown form: {value}")


def make_routes(
    gateway: "ApiGatewayV2Client",
    api_id: str,
    routes: Mapping[str, Route],
    authorizers: Mapping[str, dict[str, Any]],
) -> None:
    """Give the API exactly *routes*, guarded by *authorizers*; what is there already is kept."""
    found = gateway.get_authorizers(ApiId=api_id)["Items"]
    guards = {item["Name"]: item["AuthorizerId"] for item in found}
    for name, settings in authorizers.items():
        if name in guards:
            gateway.update_authorizer(ApiId=api_id, AuthorizerId=guards[name], **settings)
        else:
            made = gateway.create_authorizer(ApiId=api_id, Name=name, **settings)
            guards[name] = made["AuthorizerId"]

    integrations = gateway.get_integrations(ApiId=api_id)["Items"]
    targets = {item["IntegrationUri"]: item["IntegrationId"] for item in integrations}
    for uri in {route.uri for route in routes.values()} - set(targets):
        integration = gateway.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=uri,
            PayloadFormatVersion="2.0",
        )
        targets[uri] = integration["IntegrationId"]

    present = {
        item["RouteKey"]: item["RouteId"] for item in gateway.get_routes(ApiId=api_id)["Items"]
    }
    for key, route in routes.items():
        settings = {"AuthorizationType": "NONE", "Target": f"integrations/{targets[route.uri]}"}
        if route.authorizer:
            settings |= {"AuthorizationType": "CUSTOM", "AuthorizerId": guards[route.authorizer]}
        if key in present:
            gateway.update_route(ApiId=api_id, RouteId=present[key], **settings)
        else:
            gateway.create_route(ApiId=api_id, RouteKey=key, **settings)
    for key in present.keys() - routes.keys():
        gateway.delete_route(ApiId=api_id, RouteId=present[key])


# ---- numbers that parameters give ----------------------------------------------------------------
def mend_concurrency(functions: "LambdaClient") -> None:
    """Give event sources their concurrency as a number; the poller stumbles over the text."""
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for source in page["EventSourceMappings"]:
            if scaling := source.get("ScalingConfig"):
                functions.update_event_source_mapping(
                    UUID=source["UUID"],
                    ScalingConfig={"MaximumConcurrency": int(scaling["MaximumConcurrency"])},
                )


# ---- actions that the emulator asks for otherwise than AWS ---------------------------------------
# AWS asks for the single action when a batch of it is called, and for the path's parameter.
ASKED_AS = {
    "sqs:ChangeMessageVisibility": {"Action": "sqs:ChangeMessageVisibilityBatch"},
    "sqs:DeleteMessage": {"Action": "sqs:DeleteMessageBatch"},
    "sqs:SendMessage": {"Action": "sqs:SendMessageBatch"},
    "ssm:GetParametersByPath": {"Resource": "*"},
}
TRANSLATION = "translated-for-the-emulator"


def translate_roles(iam: "IAMClient", roles: Iterable[str]) -> None:
    """Grant each of *roles* what it may do by its own policies also as the emulator asks for it."""
    for role in roles:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents: list[Any] = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in names
            if name != TRANSLATION
        ]
        granted = [one for document in documents for one in document["Statement"]]
        if statements := [translated for one in granted for translated in translations(one)]:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_role_policy(RoleName=role, PolicyName=TRANSLATION, PolicyDocument=document)
        elif TRANSLATION in names:
            iam.delete_role_policy(RoleName=role, PolicyName=TRANSLATION)


def translations(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield *statement* once for each of its actions that is asked for otherwise."""
    actions = statement["Action"]
    for action in [actions] if isinstance(actions, str) else actions:
        if action in ASKED_AS:
            unnamed = {key: value for key, value in statement.items() if key != "Sid"}
            yield unnamed | {"Action": action} | ASKED_AS[action]


# ---- metrics in log lines (EMF) ------------------------------------------------------------------
# A line is written with the time at which its invocation ended, and found a little later.
OVERLAP_MILLISECONDS = 10_000
DATA_PER_CALL = 500


def metric_data(line: str) -> Iterator[tuple[str, "MetricDatumTypeDef"]]:
    """Yield the metrics of one EMF *line*, each with its namespace."""
    record = json.loads(line)
    time = datetime.fromtimestamp(record["_aws"]["Timestamp"] / 1000, UTC)
    for directive in record["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                values = record[metric["Name"]]
                yield (
                    directive["Namespace"],
                    {
                        "MetricName": metric["Name"],
                        "Dimensions": [{"Name": name, "Value": record[name]} for name in names],
                        "Timestamp": time,
                        "Unit": metric.get("Unit", "None"),
                        "Values": values if isinstance(values, list) else [values],
                    },
                )


class MetricRelay:
    """Turns the EMF lines of all log groups into `PutMetricData`, each line once."""

    def __init__(self, logs: "CloudWatchLogsClient", cloudwatch: "CloudWatchClient") -> None:
        self._logs = logs
        self._cloudwatch = cloudwatch
        self._taken: defaultdict[str, Counter[tuple[str, int, str]]] = defaultdict(Counter)

    def run_once(self) -> None:
        """Publish the metrics of the lines that have come since the last time."""
        for page in self._logs.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                self._relay(group["logGroupName"])

    def _relay(self, group: str) -> None:
        taken = self._taken[group]
        newest = max((time for _, time, _ in taken), default=0)
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            filterPattern='"CloudWatchMetrics"',
            startTime=max(0, newest - OVERLAP_MILLISECONDS),
        )
        # The emulator's events have no id, so equal lines are told apart by their number.
        found = Counter(
            (event["logStreamName"], event["timestamp"], event["message"])
            for page in pages
            for event in page["events"]
        )
        data: defaultdict[str, list[MetricDatumTypeDef]] = defaultdict(list)
        for _, _, message in (found - taken).elements():
            for namespace, datum in metric_data(message):
                data[namespace].append(datum)
        for namespace, items in data.items():
            for start in range(0, len(items), DATA_PER_CALL):
                self._cloudwatch.put_metric_data(
                    Namespace=namespace, MetricData=items[start : start + DATA_PER_CALL]
                )
        self._taken[group] = found
