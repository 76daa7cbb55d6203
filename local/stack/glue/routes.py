"""The routes of the HTTP API: the emulator makes none from the OpenAPI body that SAM writes."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..local_stack import StackError

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client


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
