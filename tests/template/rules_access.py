"""Rules: who may do what."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator
from typing import Any

from tests.template import source
from tests.template.deployment import Deployment, listed, walk
from tests.template.rules import rule
from tests.template.rules_code import code_of

# What the code calls is named after the API operation but for these.
ACTIONS_OF_OPERATIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:ListObjectsV2": "s3:ListBucket",
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

# Where an action may act; an asterisk only where AWS knows no resource.
TOKENS = "arn:aws:ssm:eu-central-1:123456789012:parameter/weir/{stage}/tokens"
GROUPS = "arn:aws:codedeploy:eu-central-1:123456789012:deploymentgroup:weir-*/*"
RESOURCES = {
    "codedeploy:PutLifecycleEventHookExecutionStatus": {GROUPS},
    "sns:Publish": {"AlarmTopic"},
    "ssm:GetParameter": {f"{TOKENS}/canary"},
    "ssm:GetParametersByPath": {TOKENS},
    "sqs:SendMessage": {"MessageQueue.Arn"},
    "sqs:ReceiveMessage": {"MessageQueue.Arn"},
    "sqs:DeleteMessage": {"MessageQueue.Arn"},
    "sqs:GetQueueAttributes": {"MessageQueue.Arn"},
    "sqs:ChangeMessageVisibility": {"MessageQueue.Arn"},
    "s3:ListBucket": {"MessageBucket.Arn"},
    "kms:Decrypt": {"{key}"},
    "kms:GenerateDataKey": {"{key}"},
    **{action: {"*"} for action in TRACING | ATTACHING},
}
# 0.1.0 keeps them in the message bucket, and runs on during a gradual deployment.
KEYS = {("IdempotencyKeyBucket", "idempotency"), ("MessageBucket", "idempotency")}
VERSIONS = {
    ("ValidatorCheck", "lambda:InvokeFunction"): {"ValidatorFunction.Arn:*"},
    ("UploaderCheck", "lambda:InvokeFunction"): {"UploaderFunction.Arn:*"},
}
OBJECTS = {
    ("Validator", "s3:GetObject"): KEYS,
    ("Validator", "s3:PutObject"): KEYS,
    ("Uploader", "s3:PutObject"): {
        ("MessageBucket", prefix) for prefix in ("messages", "batches", "quarantine")
    },
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
def each_function_has_its_own_role(deployment: Deployment) -> Iterator[str]:
    """A function runs with the role of its name, which nothing but Lambda may take."""
    for name in BY_LAMBDA:
        role = deployment.properties(f"{name}Function").get("Role")
        if role != f"{name}Role.Arn":
            yield f"{name}Function runs as {role}"
        trust = deployment.properties(f"{name}Role").get("AssumeRolePolicyDocument", {})
        if [s.get("Principal") for s in trust.get("Statement", [])] != [
            {"Service": "lambda.amazonaws.com"}
        ]:
            yield f"{name}Role may be taken by others than Lambda"
        if "ManagedPolicyArns" in deployment.properties(f"{name}Role"):
            yield f"{name}Role has permissions that are not listed here"


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
def permissions_name_the_right_resources(deployment: Deployment) -> Iterator[str]:
    """Each action is allowed on the resources that it is needed for, and on no others."""
    key = deployment.parameters["KmsKeyArn"]
    stage = deployment.parameters["Stage"]
    for name in BY_LAMBDA:
        for statement in statements(deployment, f"{name}Role"):
            if statement.get("Effect") != "Allow":
                yield f"{name}Role: {statement.get('Sid')} allows nothing"
            for action in listed(statement["Action"]):
                prefixes = OBJECTS.get((name, action), set())
                wanted = (
                    {f"{name}LogGroup.Arn"}
                    if action in LOGGING
                    else {f"{bucket}.Arn/{prefix}/*" for bucket, prefix in prefixes}
                    or VERSIONS.get((name, action))
                    or {
                        resource.format(key=key, stage=stage)
                        for resource in RESOURCES.get(action, set())
                    }
                )
                if set(listed(statement["Resource"])) != wanted:
                    yield f"{name}Role: {action} on {statement['Resource']}, not {wanted}"


@rule
def validator_may_find_messages_and_not_read_them(deployment: Deployment) -> Iterator[str]:
    """A receipt needs the keys of messages, never a message."""
    for statement in statements(deployment, "ValidatorRole"):
        if "s3:ListBucket" in listed(statement["Action"]) and statement.get("Condition") != {
            "StringLike": {"s3:prefix": ["messages/*", "batches/*"]}
        }:
            yield "the validator may list more than messages"
    for role in ("ValidatorCheckRole", "UploaderCheckRole"):
        for statement in statements(deployment, role):
            if "s3:ListBucket" in listed(statement["Action"]) and statement.get("Condition") != {
                "StringLike": {"s3:prefix": "messages/contract=canary/*"}
            }:
                yield f"{role} may list more than the canary's messages"


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
def other_roles_do_one_thing(deployment: Deployment) -> Iterator[str]:
    """A schedule may call its function; nothing else but AWS Backup and CodeDeploy has a role."""
    schedules = {f"{name}FunctionEveryMinuteRole" for name in ("LatencyProbe", "Canary")}
    expected = {f"{name}Role" for name in BY_LAMBDA} | schedules | {"DeploymentRole"}
    expected |= {"BackupRole"} & set(deployment.resources)
    if deployment.of_type("AWS::IAM::Role").keys() != expected:
        yield f"roles: {sorted(deployment.of_type('AWS::IAM::Role'))}"
    managed = deployment.properties("BackupRole").get("ManagedPolicyArns", [])
    if [arn for arn in managed if not arn.endswith("/AWSBackupServiceRolePolicyForS3Backup")]:
        yield "the role that backs up may do more than that"
    for schedule in schedules:
        if actions(deployment, schedule) != {"lambda:InvokeFunction"}:
            yield f"{schedule} may do more than call its function"
    # As AWS's own policy for it (AWSCodeDeployRoleForLambda), without packages and topics.
    if actions(deployment, "DeploymentRole") != {
        "cloudwatch:DescribeAlarms",
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:InvokeFunction",
        "lambda:UpdateAlias",
    }:
        yield "CodeDeploy may do other things than move traffic and run the checks"


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
