"""Rules: who may do what. Each right is decided on beside its role, in `decided/functions.py`."""
# a rule's docstring states the promise

from collections.abc import Iterator
from typing import Any

from tests.template import source
from tests.template.deployment import Deployment, listed, walk
from tests.template.rules import rule
from tests.template.rules_code import code_of

# What the code calls is named after the API operation but for these.
ACTIONS_OF_OPERATIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadObject": "s3:GetObject",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}

# What Lambda does in the function's name, before and after the code runs.
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACING = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
ATTACHING = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
BY_LAMBDA = {
    "Validator": LOGGING | TRACING,
    "Authorizer": LOGGING | TRACING,
    "Uploader": LOGGING | TRACING | POLLING,
    "LatencyProbe": LOGGING | TRACING | ATTACHING,
    "Canary": LOGGING | TRACING,
    "ValidatorCheck": LOGGING | TRACING,
    "UploaderCheck": LOGGING | TRACING,
}
# With a KMS key of one's own, what the services ask of it in the function's name.
WITH_KEY = {
    "Validator": {"kms:Decrypt", "kms:GenerateDataKey"},
    "Authorizer": {"kms:Decrypt"},
    "Uploader": {"kms:Decrypt", "kms:GenerateDataKey"},
    "LatencyProbe": set(),
    "Canary": {"kms:Decrypt"},
    "ValidatorCheck": {"kms:Decrypt"},
    "UploaderCheck": set(),
}


def statements(deployment: Deployment, role: str) -> list[dict[str, Any]]:
    """Return the statements of *role*'s own policies."""
    policies = deployment.properties(role).get("Policies", [])
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def actions(deployment: Deployment, role: str) -> set[str]:
    """Return everything that *role* may do."""
    return {
        action
        for statement in statements(deployment, role)
        for action in listed(statement["Action"])
    }


@rule
def roles_allow_exactly_what_the_code_calls(deployment: Deployment) -> Iterator[str]:
    """No action is missing, and none is there that is not needed."""
    for name, by_lambda in BY_LAMBDA.items():
        called = source.operations_called(code_of(deployment, f"{name}Function"))
        needed = by_lambda | {ACTIONS_OF_OPERATIONS.get(call, call) for call in called}
        if deployment.parameters["KmsKeyArn"]:
            needed |= WITH_KEY[name]
        allowed = actions(deployment, f"{name}Role")
        for action in needed ^ allowed:
            yield f"{name}Role: {action} is {'not needed' if action in allowed else 'missing'}"


@rule
def nothing_is_open_to_everybody(deployment: Deployment) -> Iterator[str]:
    """No policy allows an anonymous principal, and none allows a family of actions."""
    for name, resource in deployment.resources.items():
        for _, node in walk(resource.get("Properties", {})):
            if not isinstance(node, dict) or node.get("Effect") != "Allow":
                continue
            if node.get("Principal") in ("*", {"AWS": "*"}):
                yield f"{name} is open to everybody"
            if any("*" in action for action in listed(node.get("Action", []))):
                yield f"{name} allows a wildcard action"
    for name, permission in deployment.of_type("AWS::Lambda::Permission").items():
        if permission["Properties"].get("Principal") == "*":
            yield f"{name} lets everybody call the function"


@rule
def no_secret_is_in_the_template(deployment: Deployment) -> Iterator[str]:
    """Tokens are made outside; whoever reads the template or a stack learns no secret."""
    words = ("secret", "password", "passwd", "credential", "apikey", "api_key", "privatekey")
    for path, node in walk(deployment.template):
        last = str(path[-1]).lower() if path else ""
        named = "token" in last and "path" not in last and isinstance(node, str)
        if named and last not in {"httptokens", "tokenauthorizer"}:
            yield f"{'/'.join(map(str, path))} looks like a token"
        if any(word in last.replace("-", "") for word in words):
            yield f"{'/'.join(map(str, path))} looks like a secret"
        if isinstance(node, str) and node.startswith(("AKIA", "ASIA", "{{resolve:")):
            yield f"{'/'.join(map(str, path))} holds a key"
