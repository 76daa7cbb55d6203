"""What the emulator lacks is put beside it, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.stack.glue import embedded_metrics, permissions, refused_types, routes, service_metrics
from local.stack.glue.log_lines import OVERLAP_MILLISECONDS, Line
from local.stack.glue.metric_relay import MetricRelay
from local.stack.local_stack import StackError

PREFIX = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
IDS = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "FunctionAlias": "arn:f:live"}
RESOLVED = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:f:live/invocations"


def operation(**more: Any) -> dict[str, Any]:
    """Return a path's operation as SAM writes it."""
    uri = {"Fn::Sub": PREFIX + "${FunctionAlias}/invocations"}
    return {"x-amazon-apigateway-integration": {"uri": uri}, **more}


BODY = {
    "paths": {
        "/": {"post": operation()},
        "/metrics": {"get": operation(security=[{"Guard": []}])},
        "$default": {"x-amazon-apigateway-any-method": operation(isDefaultRoute=True)},
    },
    "components": {
        "securitySchemes": {
            "Guard": {
                "x-amazon-apigateway-authorizer": {
                    "authorizerUri": {
                        "Fn::Sub": [
                            PREFIX + "${__Arn__}/invocations",
                            {"__Arn__": {"Ref": "FunctionAlias"}},
                        ]
                    },
                    "authorizerPayloadFormatVersion": "2.0",
                    "authorizerResultTtlInSeconds": 60,
                    "enableSimpleResponses": True,
                    "identitySource": ["$request.header.Authorization"],
                }
            }
        }
    },
}


def template() -> dict[str, Any]:
    """Return a template with a resource that the emulator refuses."""
    return {
        "Resources": {
            "Query": {"Type": "AWS::Logs::QueryDefinition"},
            "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": ["Query", "Bucket"]},
            "Bucket": {"Type": "AWS::S3::Bucket"},
        },
        "Outputs": {"QueryId": {"Value": {"Ref": "Query"}}, "Name": {"Value": {"Ref": "Bucket"}}},
    }


def test_refused_type_is_left_out_with_what_waits_for_it() -> None:
    """The rest of the template is deployed as it stands."""
    given = template()

    left_out = refused_types.leave_out(given)

    assert left_out == {"Query": "AWS::Logs::QueryDefinition"}
    assert given == {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": ["Bucket"]},
            "Bucket": {"Type": "AWS::S3::Bucket"},
        },
        "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}},
    }


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "Query"},
        {"Fn::GetAtt": ["Query", "Id"]},
        {"Fn::GetAtt": "Query.Id"},
        {"Fn::Sub": "x-${Query}"},
        {"Fn::Sub": ["x-${Query.Id}-${name}", {"name": "y"}]},
        {"Fn::Join": ["", ["x", {"Ref": "Query"}]]},
    ],
)
def test_resource_that_needs_a_refused_one_is_an_error(reference: dict[str, Any]) -> None:
    """To deploy it without would deploy something else than the template says."""
    given = template()
    given["Resources"]["Queue"]["Properties"] = {"QueueName": reference}

    with pytest.raises(StackError, match="Queue needs Query"):
        refused_types.leave_out(given)


def test_routes_follow_from_the_openapi_body() -> None:
    """Every path of the template answers, and the guarded one is guarded."""
    assert routes.routes_of(BODY, IDS) == {
        "POST /": routes.Route(RESOLVED, None),
        "GET /metrics": routes.Route(RESOLVED, "Guard"),
        "$default": routes.Route(RESOLVED, None),
    }


def test_address_of_an_unknown_form_is_an_error() -> None:
    """A route that leads nowhere would only show as a 500 much later."""
    integration: dict[str, Any] = {"uri": {"Fn::If": []}}
    body = {"paths": {"/": {"get": {"x-amazon-apigateway-integration": integration}}}}

    with pytest.raises(StackError, match="unknown form"):
        routes.routes_of(body, IDS)


class FakeApi:
    """An API that keeps what it is given, as API Gateway does."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, dict[str, Any]]] = {}
        self.made = 0

    def __getattr__(self, call: str) -> Any:
        verb, _, kind = call.partition("_")
        items = self.kept.setdefault(kind.removesuffix("s") if verb == "get" else kind, {})
        identifier = f"{kind.removesuffix('s').title()}Id"

        def get(**_: Any) -> Any:
            return {"Items": list(items.values())}

        def create(**given: Any) -> Any:
            self.made += 1
            items[str(self.made)] = {**given, identifier: str(self.made)}
            return items[str(self.made)]

        def update(**given: Any) -> None:
            items[given[identifier]].update(given)

        def delete(**given: Any) -> None:
            del items[given[identifier]]

        return {"get": get, "create": create, "update": update, "delete": delete}[verb]

    def routes(self) -> dict[str, tuple[str, str | None]]:
        """Return how each route is guarded, and by what."""
        return {
            route["RouteKey"]: (route["AuthorizationType"], route.get("AuthorizerId"))
            for route in self.kept["route"].values()
        }


def test_routes_are_made_once_and_stale_ones_go() -> None:
    """A second deployment leaves the API as the template has it, whatever was there."""
    api: Any = FakeApi()
    wanted, authorizers = routes.routes_of(BODY, IDS), routes.authorizers_of(BODY, IDS)
    api.create_route(ApiId="api", RouteKey="GET /stale", AuthorizationType="NONE")

    routes.make_routes(api, "api", wanted, authorizers)
    made = api.made
    routes.make_routes(api, "api", wanted, authorizers)

    guard = next(iter(api.kept["authorizer"]))
    assert api.made == made
    assert api.routes() == {
        "POST /": ("NONE", None),
        "GET /metrics": ("CUSTOM", guard),
        "$default": ("NONE", None),
    }
    assert len(api.kept["integration"]) == 1


def test_permission_is_granted_as_the_emulator_asks_for_it() -> None:
    """The grant covers the same resource under the same condition, and nothing else."""
    granted = {
        "Sid": "Take",
        "Effect": "Allow",
        "Action": ["sqs:DeleteMessage", "sqs:ReceiveMessage"],
        "Resource": "arn:q",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }

    assert list(permissions.translations(granted)) == [
        {
            "Effect": "Allow",
            "Action": "sqs:DeleteMessageBatch",
            "Resource": "arn:q",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
    ]


def emf(**values: Any) -> str:
    """Return a log line that publishes *values*."""
    metrics = [{"Name": name, "Unit": "Milliseconds"} for name in values]
    directive = {"Namespace": "Weir", "Dimensions": [["service"]], "Metrics": metrics}
    header = {"Timestamp": 1_700_000_000_123, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": header, "service": "latency_probe", **values})


def test_array_keeps_every_value() -> None:
    """CloudWatch computes percentiles from the single values of the one metric."""
    found = list(embedded_metrics.of_record(json.loads(emf(RoundTripTime=[0.3, 0.4]))))

    assert [value for _, value in found] == [0.3, 0.4]
    assert {metric for metric, _ in found} == {
        ("Weir", "RoundTripTime", (("service", "latency_probe"),), "Milliseconds", 1_700_000_000)
    }


def test_request_counts_as_api_gateway_counts_it() -> None:
    """The share of failed requests is an average of zeros and ones."""
    found = service_metrics.of_request("api", 503, 12, second=1)

    assert {metric.name: value for metric, value in found} == {
        "Count": 1,
        "4xx": 0,
        "5xx": 1,
        "Latency": 12,
    }


def test_failed_invocation_is_an_error_and_a_quoted_traceback_is_none() -> None:
    """A function that logs a failure it has dealt with has not failed itself."""
    lines = [
        Line("s", 1000, "Traceback (most recent call last):"),
        Line("s", 2000, '{"exception": "Traceback (most recent call last): ..."}'),
    ]

    found = list(service_metrics.of_failures("f", lines))

    assert [(metric.name, metric.second, value) for metric, value in found] == [("Errors", 1, 1)]


def test_queue_is_as_old_as_the_time_since_it_was_empty() -> None:
    """A backlog that does not drain grows older from one look to the next."""
    sqs: Any = FakeQueue()
    queues = service_metrics.Queues(sqs)

    ages = []
    for second, waiting in ((100, 0), (110, 3), (130, 2), (140, 0), (150, 1)):
        sqs.waiting = waiting
        observed = {metric.name: value for metric, value in queues.observe(second)}
        ages.append(observed["ApproximateAgeOfOldestMessage"])

    assert ages == [0, 10, 30, 0, 10]


class FakeQueue:
    """One queue with *waiting* messages."""

    waiting = 0

    def get_paginator(self, _: str) -> Any:
        """Return the pages of the queues."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Yield one page."""
        yield {"QueueUrls": ["http://127.0.0.1/000000000000/queue"]}

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        """Return the counts."""
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(self.waiting),
                "ApproximateNumberOfMessagesNotVisible": "0",
            }
        }


class FakeLogs:
    """Log groups as the emulator serves them: events without an id, from a time on."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def write(self, timestamp: int, message: str) -> None:
        """Keep one event."""
        self.events.append({"logStreamName": "s", "timestamp": timestamp, "message": message})

    def get_paginator(self, call: str) -> Any:
        """Return the pages of *call*."""
        self.call = call
        return self

    def paginate(self, startTime: int = 0, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Yield one page."""
        assert self.call == "filter_log_events"  # the emulator's DescribeLogGroups fails at times
        yield {"events": [one for one in self.events if one["timestamp"] >= startTime]}


class FakeCloudWatch:
    """A store of metrics that can be out of reach."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.reachable = True

    def put_metric_data(self, MetricData: list[Any], **_: Any) -> None:  # noqa: N803
        """Keep the values, or fail as a connection does."""
        if not self.reachable:
            raise ConnectionError
        for datum in MetricData:
            for value, count in zip(datum["Values"], datum["Counts"], strict=True):
                self.values += [value] * count


class Nothing:
    """A service that has nothing of what it is asked for."""

    def get_paginator(self, _: str) -> Any:
        """Return no pages."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Yield nothing."""
        yield from ()


class OneFunction:
    """One function, whose lines are in the log group `g`."""

    def get_paginator(self, _: str) -> Any:
        """Return the pages of the functions."""
        return self

    def paginate(self) -> Iterator[dict[str, Any]]:
        """Yield one page."""
        yield {"Functions": [{"FunctionName": "f", "LoggingConfig": {"LogGroup": "g"}}]}


def relay_of(logs: Any, cloudwatch: Any) -> MetricRelay:
    """Return a relay between *logs* and *cloudwatch*, with one function and no queues."""
    clients = {"logs": logs, "cloudwatch": cloudwatch, "lambda": OneFunction(), "sqs": Nothing()}
    return MetricRelay(clients.__getitem__)


@pytest.fixture
def logs() -> Any:
    """Return log groups without events."""
    return FakeLogs()


@pytest.fixture
def cloudwatch() -> Any:
    """Return a store without metrics."""
    return FakeCloudWatch()


def test_each_line_counts_once(logs: Any, cloudwatch: Any) -> None:
    """Lines are found again and again while they are young."""
    relay = relay_of(logs, cloudwatch)
    logs.write(1000, emf(Time=1))

    relay.run_once()
    relay.run_once()

    assert cloudwatch.values == [1]


def test_equal_lines_are_two_events(logs: Any, cloudwatch: Any) -> None:
    """Two messages of one invocation may say the same in the same millisecond."""
    relay = relay_of(logs, cloudwatch)
    logs.write(1000, emf(Time=1))
    relay.run_once()
    logs.write(1000, emf(Time=1))

    relay.run_once()

    assert cloudwatch.values == [1, 1]


def test_line_that_comes_late_is_not_lost(logs: Any, cloudwatch: Any) -> None:
    """An invocation that ended earlier may be written down after one that ended later."""
    relay = relay_of(logs, cloudwatch)
    logs.write(50_000, emf(Time=1))
    relay.run_once()
    logs.write(50_000 - OVERLAP_MILLISECONDS, emf(Time=2))
    logs.write(90_000, emf(Time=3))

    relay.run_once()
    relay.run_once()

    assert cloudwatch.values == [1, 2, 3]


def test_line_that_could_not_be_published_is_taken_again(logs: Any, cloudwatch: Any) -> None:
    """An emulator that is busy for a moment costs no metric."""
    relay = relay_of(logs, cloudwatch)
    logs.write(1000, emf(Time=1))
    cloudwatch.reachable = False
    with pytest.raises(ConnectionError):
        relay.run_once()
    cloudwatch.reachable = True

    relay.run_once()

    assert cloudwatch.values == [1]
