"""The API: its stage, its log, its domain."""

from tests.template.closed import Decided, HeldBy, Matching, Words
from tests.template.decided.functions import KEPT_LOG

API_LABELS = [{"Key": "service", "Value": "$.service"}, {"Key": "stage", "Value": "$.stage"}]

RESOURCES = {
    "HttpApi": Decided(
        "AWS::ApiGatewayV2::Api",
        {"Body": (HeldBy("api_is_what_the_routes_say"), "SAM writes the routes into it")},
    ),
    "HttpApiApiGatewayDefaultStage": Decided(
        "AWS::ApiGatewayV2::Stage",
        {
            "ApiId": ("HttpApi", "the only API"),
            "StageName": ("$default", "addresses without a stage in them"),
            "AutoDeploy": (True, "a route that is not deployed answers 404"),
            "DefaultRouteSettings": (
                {
                    "ThrottlingRateLimit": "${RequestsPerSecond}",
                    "ThrottlingBurstLimit": "${RequestBurst}",
                },
                "the user's limits, on every route; detailed metrics would cost by the route",
            ),
            "AccessLogSettings": (
                {
                    "DestinationArn": "ApiLogGroup.Arn",
                    "Format": HeldBy("access_log_says_who_got_what"),
                },
                "each request leaves a line",
            ),
        },
    ),
    "ApiLogGroup": KEPT_LOG,
    "ThrottledRequestsFilter": Decided(
        "AWS::Logs::MetricFilter",
        {
            "LogGroupName": ("ApiLogGroup", "the API's own lines"),
            "FilterPattern": (Matching(r'\{ *\$\.status *= *"429" *\}'), "throttled requests"),
            "MetricTransformations": (
                [
                    {
                        "MetricNamespace": "Weir",
                        "MetricName": "RequestsThrottled",
                        "MetricValue": 1,
                        "Unit": "Count",
                        "Dimensions": API_LABELS,
                    }
                ],
                "an HTTP API counts them only among all its 4xx answers",
            ),
        },
    ),
    "OtherRequestsFilter": Decided(
        "AWS::Logs::MetricFilter",
        {
            "LogGroupName": ("ApiLogGroup", "the API's own lines"),
            "FilterPattern": (Matching(r'\{ *\$\.status *!= *"429" *\}'), "all the others"),
            "MetricTransformations": (
                [
                    {
                        "MetricNamespace": "Weir",
                        "MetricName": "RequestsThrottled",
                        "MetricValue": 0,
                        "Unit": "Count",
                        "Dimensions": API_LABELS,
                    }
                ],
                "zeros end an alarm: a filter with dimensions has no default value",
            ),
        },
    ),
    "ApiDomain": Decided(
        "AWS::ApiGatewayV2::DomainName",
        {
            "DomainName": ("${DomainName}", "the user's"),
            "DomainNameConfigurations": (
                [
                    {
                        "CertificateArn": "${CertificateArn}",
                        "EndpointType": "REGIONAL",
                        "SecurityPolicy": "TLS_1_2",
                    }
                ],
                "the user's certificate, and no old TLS",
            ),
        },
        given="DomainName",
    ),
    "ApiDomainMapping": Decided(
        "AWS::ApiGatewayV2::ApiMapping",
        {
            "DomainName": ("ApiDomain", "the user's domain"),
            "ApiId": ("HttpApi", "leads to the API"),
            "Stage": ("HttpApiApiGatewayDefaultStage", "on its only stage, without a path"),
        },
        given="DomainName",
    ),
}

# What one line of the access log holds: no header and no body, as they hold tokens.
ACCESS_LOG = {
    "service": "api",
    "stage": "${Stage}",
    "request_id": "$context.requestId",
    "function_request_id": "$context.integration.requestId",
    "source_ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_error": "$context.integrationErrorMessage",
    "authorizer_error": "$context.authorizer.error",
}

# The rest of the OpenAPI document that SAM makes of the API's properties.
INFO = {"version": "1.0", "title": "${AWS::StackName}", "description": Words()}
AUTHORIZER = {
    "type": "apiKey",
    "name": "Unused",
    "in": "header",
    "x-amazon-apigateway-authorizer": {
        "type": "request",
        "identitySource": ["$request.header.Authorization"],
        "authorizerPayloadFormatVersion": "2.0",
        "enableSimpleResponses": True,
        # A minute for each token, so that a scraper does not cause a call each time.
        "authorizerResultTtlInSeconds": 60,
        "authorizerUri": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31"
        "/functions/AuthorizerFunctionAliaslive/invocations",
    },
}
