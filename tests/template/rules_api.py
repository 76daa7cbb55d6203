"""Rules: the API's routes, its authorizer, its limits and its log."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator
from json import loads

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


@rule
def routes_reach_the_right_function(deployment: Deployment) -> Iterator[str]:
    """Every route of the design is there, and only the measurement is behind the authorizer."""
    found = {}
    for path, methods in deployment.properties("HttpApi").get("Body", {}).get("paths", {}).items():
        for method, operation in methods.items():
            name = "ANY" if "any" in method else method.upper()
            uri = str(operation.get("x-amazon-apigateway-integration", {}).get("uri"))
            found[name, path] = uri
            guarded = bool(operation.get("security"))
            if guarded != (path == "/metrics"):
                yield f"{name} {path} is {'guarded' if guarded else 'not guarded'}"
    if found.keys() != ROUTES.keys():
        yield f"routes: {sorted(found.keys() ^ ROUTES.keys())}"
    for route, uri in found.items():
        if f"/{ROUTES.get(route)}/" not in uri:
            yield f"{route} calls {uri}"


@rule
def authorizer_guards_by_the_authorization_header(deployment: Deployment) -> Iterator[str]:
    """The answer is kept a minute for each token, so that a scraper does not cause a call each."""
    body = deployment.properties("HttpApi").get("Body", {})
    schemes = body.get("components", {}).get("securitySchemes", {})
    settings = schemes.get("TokenAuthorizer", {}).get("x-amazon-apigateway-authorizer", {})
    for name, wanted in {
        "type": "request",
        "identitySource": ["$request.header.Authorization"],
        "authorizerPayloadFormatVersion": "2.0",
        "enableSimpleResponses": True,
        "authorizerResultTtlInSeconds": 60,
    }.items():
        if settings.get(name) != wanted:
            yield f"authorizer: {name} is {settings.get(name)}, not {wanted}"


@rule
def api_is_throttled_and_logged(deployment: Deployment) -> Iterator[str]:
    """A flood meets the user's limit, and each request leaves a line without header or body."""
    stage = deployment.properties("HttpApiApiGatewayDefaultStage")
    throttling = stage.get("DefaultRouteSettings", {})
    for name, parameter in {
        "ThrottlingRateLimit": "RequestsPerSecond",
        "ThrottlingBurstLimit": "RequestBurst",
    }.items():
        if throttling.get(name) != deployment.parameters[parameter]:
            yield f"{name} is {throttling.get(name)}"
    log = stage.get("AccessLogSettings", {})
    if log.get("DestinationArn") != "ApiLogGroup.Arn":
        yield "the API writes no access log"
    line = log.get("Format", "{}")
    if not {"status", "source_ip", "route", "request_id"} <= loads(line).keys():
        yield "the access log does not say who got what"
    labels = {name: loads(line).get(name) for name in ("service", "stage")}
    if labels != {"service": "api", "stage": deployment.parameters["Stage"]}:
        yield f"metrics of the access log would be published for {labels}"
    if "header" in line or "body" in line or "authorizer.claims" in line:
        yield "the access log may hold tokens"


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


@rule
def a_limit_of_the_validator_is_the_users(deployment: Deployment) -> Iterator[str]:
    """Reserved concurrency of 0 would refuse every request: then the property is left out."""
    validator = deployment.properties("ValidatorFunction")
    wanted = deployment.parameters["ValidatorConcurrency"] or None
    if validator.get("ReservedConcurrentExecutions") != wanted:
        yield f"concurrency is {validator.get('ReservedConcurrentExecutions')}, not {wanted}"
