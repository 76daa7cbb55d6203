"""Rules: the API's routes, its authorizer, its limits and its log."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from json import loads
from typing import Any

from tests.template.closed import HeldBy, differences
from tests.template.decided.api import ACCESS_LOG, AUTHORIZER, INFO
from tests.template.deployment import Deployment
from tests.template.rules import rule

API_SECONDS = 30  # API Gateway waits no longer
AUTHORIZER_SECONDS = 10

ROUTES = {
    ("POST", "/"): "ValidatorFunctionAliaslive",
    ("POST", "/messages/{contract}"): "ValidatorFunctionAliaslive",
    ("POST", "/messages/{contract}/batch"): "ValidatorFunctionAliaslive",
    ("POST", "/webhooks/{client}/{contract}"): "ValidatorFunctionAliaslive",
    ("OPTIONS", "/"): "ValidatorFunctionAliaslive",
    ("OPTIONS", "/messages/{contract}"): "ValidatorFunctionAliaslive",
    ("GET", "/messages/{contract}/{message_id}"): "ValidatorFunctionAliaslive",
    ("GET", "/"): "ValidatorFunctionAliaslive",
    ("HEAD", "/"): "ValidatorFunctionAliaslive",
    ("GET", "/health"): "ValidatorFunctionAliaslive",
    ("HEAD", "/health"): "ValidatorFunctionAliaslive",
    ("GET", "/openapi.json"): "ValidatorFunctionAliaslive",
    ("ANY", "$default"): "ValidatorFunctionAliaslive",
    ("GET", "/metrics"): "LatencyProbeFunction.Arn",
}


# Routes behind the authorizer; the validator checks tokens itself.
GUARDED = {"/metrics"}
# What else may call a function, beside its routes: the function, and where the call comes from.
OTHER_CALLERS = {("AuthorizerFunctionAliaslive", "HttpApi/authorizers/*")}


def operations(path: str) -> dict[str, Any]:
    """Return what the API's document says of the routes of *path*."""
    names = re.findall(r"{(\w+)}", path)
    found = {}
    for (method, where), target in ROUTES.items():
        if where != path:
            continue
        operation: dict[str, Any] = {
            "x-amazon-apigateway-integration": {
                "httpMethod": "POST",
                "type": "aws_proxy",
                "uri": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31"
                f"/functions/{target}/invocations",
                "payloadFormatVersion": "2.0",
            },
            "responses": {},
        }
        if names:
            operation["parameters"] = [
                {"required": True, "name": name, "in": "path"} for name in names
            ]
        if path in GUARDED:
            operation["security"] = [{"TokenAuthorizer": []}]
        if path == "$default":
            operation["isDefaultRoute"] = True
        key = "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()
        found[key] = operation
    return found


@rule
def api_is_what_the_routes_say(deployment: Deployment) -> Iterator[str]:
    """Every route is there and no other, and only the measurement is behind the authorizer."""
    wanted = {
        "openapi": "3.0.1",
        "info": INFO,
        "tags": HeldBy("SAM"),
        "components": {"securitySchemes": {"TokenAuthorizer": AUTHORIZER}},
        "paths": {path: operations(path) for _, path in ROUTES},
    }
    body = deployment.properties("HttpApi").get("Body", {})
    yield from differences(wanted, body, deployment, "HttpApi")


@rule
def functions_are_called_by_their_routes_alone(deployment: Deployment) -> Iterator[str]:
    """No other account, service or route may call a function."""
    wanted = {
        (
            target.removesuffix(".Arn"),
            "HttpApi/*/*"
            if method == "ANY"
            else f"HttpApi/*/{method}{re.sub(r'{.*?}', '*', path)}",
        )
        for (method, path), target in ROUTES.items()
    }
    source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
    expected = [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": function,
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": source + where,
        }
        for function, where in sorted(wanted | OTHER_CALLERS)
    ]
    found = [
        permission["Properties"]
        for permission in deployment.of_type("AWS::Lambda::Permission").values()
    ]
    yield from differences(expected, found, deployment, "permissions")


@rule
def access_log_says_who_got_what(deployment: Deployment) -> Iterator[str]:
    """Each request leaves a line without header and body, as they hold tokens."""
    stage = deployment.properties("HttpApiApiGatewayDefaultStage")
    line = loads(stage.get("AccessLogSettings", {}).get("Format", "{}"))
    yield from differences(ACCESS_LOG, line, deployment, "access log")


@rule
def functions_answer_in_time(deployment: Deployment) -> Iterator[str]:
    """What the API waits for ends before the API gives up."""
    for function, limit in {
        "ValidatorFunction": API_SECONDS - 1,
        "LatencyProbeFunction": API_SECONDS - 1,
        "AuthorizerFunction": AUTHORIZER_SECONDS,
    }.items():
        timeout = deployment.properties(function).get("Timeout", 3)
        if not 5 <= timeout <= limit:
            yield f"{function}: a time-out of {timeout} s"
