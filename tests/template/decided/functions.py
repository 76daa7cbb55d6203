"""The functions: what runs them, what calls them, and what each may do."""

from typing import Any

from tests.template.closed import (
    Between,
    Decided,
    HeldBy,
    Matching,
    Maybe,
    Policy,
    Statement,
    When,
)

BY_LAMBDA = Policy(Statement("sts:AssumeRole", by="Service:lambda.amazonaws.com"))
TRACING = Statement("xray:PutTraceSegments xray:PutTelemetryRecords", "*")
TOKENS = Statement(
    "ssm:GetParametersByPath",
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/weir/${Stage}/tokens",
)
KEY = Statement("kms:Decrypt kms:GenerateDataKey", "${KmsKeyArn}", given="KmsKeyArn")

KEPT_LOG = Decided(
    "AWS::Logs::LogGroup",
    {"RetentionInDays": ("${LogRetentionInDays}", "no log lives for ever; its class stays usual")},
    kept=True,
)


def logging_to(log_group: str) -> Statement:
    """Return the right to write to *log_group* and no other."""
    return Statement("logs:CreateLogStream logs:PutLogEvents", f"{log_group}.Arn")


def role(*statements: Statement) -> Decided:
    """Return a role that Lambda may take for these *statements*."""
    return Decided(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": (BY_LAMBDA, "nothing else may take it"),
            "Policies": (Policy(*statements), "what the code calls and no more"),
        },
    )


def function(name: str, handler: str, memory: Between, timeout: Between, **more: Any) -> Decided:
    """Return what every function has, and what is one's own."""
    return Decided(
        "AWS::Lambda::Function",
        {
            "Architectures": (["${Architecture}"], "the build is made for it"),
            "Code": ({"S3Bucket": "artifacts", "S3Key": "package.zip"}, "handlers_exist looks in"),
            "Handler": (handler, "one function, one handler"),
            "Runtime": ("python3.13", "what everything is compiled and tested with"),
            "Role": (f"{name}Role.Arn", "each function has rights of its own"),
            "MemorySize": (memory, "measured: docs/performance.md"),
            "Timeout": (timeout, "the comment at its line says what waits for it"),
            "TracingConfig": ({"Mode": "${Tracing}"}, "the user's choice"),
            "RecursiveLoop": ("Terminate", "a loop over the queue would cost without end"),
            "LoggingConfig": (
                {
                    "LogFormat": "JSON",
                    "LogGroup": f"{name}LogGroup",
                    "ApplicationLogLevel": "INFO",
                    "SystemLogLevel": "WARN",
                },
                "metrics are lines of level INFO; Lambda's own would be half of the logs' price",
            ),
            "Environment": (
                {"Variables": HeldBy("variables_are_those_decided_on")},
                "what the code reads",
            ),
            **more,
        },
        others={
            "Metadata": {
                "BuildMethod": "makefile",
                "ContextPath": "functions/packaging/${Architecture}",
                "WorkingDirectory": ".",
            }
        },
    )


def published(name: str, *settings: str) -> dict[str, Decided]:
    """Return the version and the alias that SAM makes for the function *name*."""
    described = " ".join(f"${{{setting}}}" for setting in settings)
    return {
        rf"{name}Version\w+": Decided(
            "AWS::Lambda::Version",
            {
                "FunctionName": (name, "its own"),
                "Description": (
                    HeldBy("changed_settings_make_a_new_version"),
                    "a new text makes a new version: it names every setting",
                ),
            },
            others={"DeletionPolicy": "Delete"},
        ),
        f"{name}Aliaslive": Decided(
            "AWS::Lambda::Alias",
            {
                "Name": ("live", "what is called, and rolled back"),
                "FunctionName": (name, "its own"),
                "FunctionVersion": (Matching(rf"{name}Version\w+\.Version"), "the newest"),
            },
            others={
                "UpdatePolicy": When(
                    "GradualDeployment",
                    {
                        "CodeDeployLambdaAliasUpdate": {
                            "ApplicationName": "ServerlessDeploymentApplication",
                            "DeploymentGroupName": f"{name}DeploymentGroup",
                            "BeforeAllowTrafficHook": name.replace("Function", "CheckFunction"),
                        }
                    },
                )
            }
            if described
            else {},
        ),
    }


def gradual(name: str) -> Decided:
    """Return how the function *name* gets a new version."""
    return Decided(
        "AWS::CodeDeploy::DeploymentGroup",
        {
            "ApplicationName": ("ServerlessDeploymentApplication", "SAM makes one for all"),
            "AlarmConfiguration": (
                {
                    "Enabled": True,
                    "Alarms": HeldBy("gradual_deployments_are_judged_by_the_new_version"),
                },
                "what rolls a bad version back",
            ),
            "AutoRollbackConfiguration": (
                {
                    "Enabled": True,
                    "Events": [
                        "DEPLOYMENT_FAILURE",
                        "DEPLOYMENT_STOP_ON_ALARM",
                        "DEPLOYMENT_STOP_ON_REQUEST",
                    ],
                },
                "whatever ends a deployment ends with the old version",
            ),
            "DeploymentConfigName": (
                "CodeDeployDefault.LambdaCanary10Percent5Minutes",
                "a tenth of the work for five minutes, which alarms of one minute can judge",
            ),
            "DeploymentStyle": (
                {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
                "both versions run meanwhile",
            ),
            "ServiceRoleArn": (
                "DeploymentRole.Arn",
                "AWS's own role invokes no check of this name",
            ),
        },
        given="GradualDeployment",
    )


def every_minute(name: str, schedule: str, state: Any, **target: Any) -> Decided:
    """Return the schedule of the function *name*."""
    return Decided(
        "AWS::Scheduler::Schedule",
        {
            "Name": (schedule, "two stacks of an account do not collide"),
            "ScheduleExpression": ("rate(1 minute)", "alarms count on a value a minute"),
            "FlexibleTimeWindow": ({"Mode": "OFF"}, "a minute is a minute"),
            "State": (state, "switched off, it would do nothing"),
            "Target": (
                {
                    "Arn": f"{name}Function.Arn",
                    "RoleArn": f"{name}FunctionEveryMinuteRole.Arn",
                    "RetryPolicy": {"MaximumRetryAttempts": 0},
                    **target,
                },
                "a late run would count for another minute: the next one comes",
            ),
        },
    )


def caller(name: str) -> Decided:
    """Return the role that SAM makes for the schedule of the function *name*."""
    return Decided(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": (
                Policy(Statement("sts:AssumeRole", by="Service:scheduler.amazonaws.com")),
                "SAM makes it for the schedule alone",
            ),
            "Policies": (
                Policy(
                    Statement("lambda:InvokeFunction", f"${{{name}Function.Arn}}"), versioned=False
                ),
                "which calls this function and nothing else",
            ),
        },
    )


def once(name: str) -> Decided:
    """Return that an asynchronous run of the function *name* is not repeated."""
    return Decided(
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": (f"{name}Function", "its own"),
            "Qualifier": ("$LATEST", "the only version that is called"),
            "MaximumRetryAttempts": (0, "a second run would send or report twice"),
            "DestinationConfig": (Maybe({}), "SAM writes an empty one"),
        },
    )


OWN_TOKEN = (
    Statement(
        "ssm:GetParameter",
        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}"
        ":parameter/weir/${Stage}/tokens/canary",
    ),
    Statement("kms:Decrypt", "${KmsKeyArn}", given="KmsKeyArn"),
)


def check(name: str) -> tuple[Statement, ...]:
    """Return what the check of a new version of the function *name* may do."""
    return (
        logging_to(f"{name}CheckLogGroup"),
        TRACING,
        # Any version: a policy that changed with each release would meet IAM's delay.
        Statement("lambda:InvokeFunction", f"${{{name}Function.Arn}}:*"),
        Statement(  # the keys of the canary's messages, never a message
            "s3:ListBucket",
            "${MessageBucket.Arn}",
            when={"StringLike": {"s3:prefix": "messages/contract=canary/*"}},
        ),
        Statement(
            "codedeploy:PutLifecycleEventHookExecutionStatus",
            "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}"
            ":deploymentgroup:${AWS::StackName}-*/*",
        ),
        Statement("sns:Publish", "${AlarmTopic}"),
    )


RESOURCES = {
    "ValidatorFunction": function(
        "Validator",
        "validator.handler.lambda_handler",
        Between(512, 1024),
        Between(10, 29),
        ReservedConcurrentExecutions=(
            When("ValidatorConcurrency", "${ValidatorConcurrency}"),
            "0 would refuse every request: then it is left out",
        ),
    ),
    **published("ValidatorFunction", "gradual"),
    "ValidatorFunctionDeploymentGroup": gradual("ValidatorFunction"),
    "ValidatorLogGroup": KEPT_LOG,
    "ValidatorRole": role(
        logging_to("ValidatorLogGroup"),
        TRACING,
        TOKENS,
        Statement("sqs:SendMessage", "${MessageQueue.Arn}"),
        Statement(  # the keys of messages, never a message
            "s3:ListBucket",
            "${MessageBucket.Arn}",
            when={"StringLike": {"s3:prefix": ["messages/*", "batches/*"]}},
        ),
        Statement(  # 0.1.0 keeps keys in the message bucket, and runs on while it is replaced
            "s3:GetObject s3:PutObject",
            "${IdempotencyKeyBucket.Arn}/idempotency/* ${MessageBucket.Arn}/idempotency/*",
        ),
        KEY,
    ),
    "AuthorizerFunction": function(
        "Authorizer", "validator.authorizer.lambda_handler", Between(512, 1024), Between(8, 10)
    ),
    **published("AuthorizerFunction"),
    "AuthorizerLogGroup": KEPT_LOG,
    "AuthorizerRole": role(
        logging_to("AuthorizerLogGroup"),
        TRACING,
        TOKENS,
        Statement("kms:Decrypt", "${KmsKeyArn}", given="KmsKeyArn"),
    ),
    "UploaderFunction": function(
        "Uploader", "uploader.handler.lambda_handler", Between(1769, 2048), Between(60, 60)
    ),
    **published("UploaderFunction", "gradual"),
    "UploaderFunctionDeploymentGroup": gradual("UploaderFunction"),
    "UploaderFunctionMessages": Decided(
        "AWS::Lambda::EventSourceMapping",
        {
            "EventSourceArn": ("MessageQueue.Arn", "the queue of messages"),
            "FunctionName": ("UploaderFunctionAliaslive", "what is rolled back is called"),
            "BatchSize": (Between(100, 100), "a tenth of the PUTs of batches of 10"),
            "MaximumBatchingWindowInSeconds": ("${BatchingWindowInSeconds}", "the user's choice"),
            "FunctionResponseTypes": (["ReportBatchItemFailures"], "one failure is one retry"),
            "ScalingConfig": (
                {"MaximumConcurrency": "${UploaderConcurrency}"},
                "the user's choice; reserved concurrency would turn receives into retries",
            ),
            "MetricsConfig": ({"Metrics": ["EventCount"]}, "AWS's own count of what was deleted"),
            "Enabled": (Maybe(True), "switched off, it would store nothing"),
        },
    ),
    "UploaderLogGroup": KEPT_LOG,
    "UploaderRole": role(
        logging_to("UploaderLogGroup"),
        TRACING,
        Statement(
            "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes "
            "sqs:ChangeMessageVisibility",
            "${MessageQueue.Arn}",
        ),
        Statement(
            "s3:PutObject",
            "${MessageBucket.Arn}/messages/* ${MessageBucket.Arn}/batches/* "
            "${MessageBucket.Arn}/quarantine/*",
        ),
        KEY,
    ),
    "LatencyProbeFunction": function(
        "LatencyProbe",
        "latency_probe.handler.lambda_handler",
        Between(256, 512),
        Between(20, 29),
        VpcConfig=(HeldBy("probe_is_where_it_was_asked_to_be"), "the network that it measures"),
    ),
    "LatencyProbeLogGroup": KEPT_LOG,
    "LatencyProbeRole": role(
        logging_to("LatencyProbeLogGroup"),
        TRACING,
        Statement(  # Lambda checks these before the interfaces exist
            "ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets "
            "ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses "
            "ec2:UnassignPrivateIpAddresses",
            "*",
        ),
    ),
    "LatencyProbeFunctionEveryMinute": every_minute(
        "LatencyProbe",
        "${AWS::StackName}-every-minute",
        Maybe("ENABLED"),
        Input=HeldBy("probe_measures_every_minute"),
    ),
    "LatencyProbeFunctionEveryMinuteRole": caller("LatencyProbe"),
    "ServerlessDeploymentApplication": Decided(
        "AWS::CodeDeploy::Application",
        {"ComputePlatform": ("Lambda", "SAM makes it for both groups")},
        given="GradualDeployment",
    ),
    # What AWS's own policy (AWSCodeDeployRoleForLambda) allows, without packages and topics.
    "DeploymentRole": Decided(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": (
                Policy(Statement("sts:AssumeRole", by="Service:codedeploy.amazonaws.com")),
                "CodeDeploy alone takes it",
            ),
            "Policies": (
                Policy(
                    Statement("cloudwatch:DescribeAlarms", "*"),
                    Statement(
                        "lambda:GetAlias lambda:UpdateAlias lambda:GetProvisionedConcurrencyConfig",
                        "${ValidatorFunction.Arn} ${ValidatorFunction.Arn}:live "
                        "${UploaderFunction.Arn} ${UploaderFunction.Arn}:live",
                    ),
                    Statement(
                        "lambda:InvokeFunction",
                        "${ValidatorCheckFunction.Arn} ${UploaderCheckFunction.Arn}",
                    ),
                ),
                "it moves traffic and runs the checks",
            ),
        },
    ),
    "CanaryFunction": function(
        "Canary", "canary.handler.lambda_handler", Between(256, 512), Between(40, 55)
    ),
    "CanaryFunctionEventInvokeConfig": once("Canary"),
    "CanaryLogGroup": KEPT_LOG,
    "CanaryRole": role(logging_to("CanaryLogGroup"), TRACING, *OWN_TOKEN),
    "CanaryFunctionEveryMinute": every_minute(
        "Canary",
        "${AWS::StackName}-canary-every-minute",
        HeldBy("canary_runs_where_it_is_asked_for"),
    ),
    "CanaryFunctionEveryMinuteRole": caller("Canary"),
    "ValidatorCheckFunction": function(
        "ValidatorCheck",
        "canary.validator_check.lambda_handler",
        Between(256, 512),
        Between(120, 300),
    ),
    "ValidatorCheckFunctionEventInvokeConfig": once("ValidatorCheck"),
    "ValidatorCheckLogGroup": KEPT_LOG,
    "ValidatorCheckRole": role(*check("Validator"), *OWN_TOKEN),
    "UploaderCheckFunction": function(
        "UploaderCheck",
        "canary.uploader_check.lambda_handler",
        Between(256, 512),
        Between(120, 300),
    ),
    "UploaderCheckFunctionEventInvokeConfig": once("UploaderCheck"),
    "UploaderCheckLogGroup": KEPT_LOG,
    "UploaderCheckRole": role(*check("Uploader")),
}

# What each variable is, beside those that all functions have; the code says which one it reads.
VARIABLES: dict[str, Any] = {
    "AWS_ENDPOINT_URL": "${AwsEndpointUrl}",
    "POWERTOOLS_METRICS_NAMESPACE": "Weir",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "STAGE": "${Stage}",
    "WEIR_VERSION": HeldBy("release_is_the_project_s"),
    "MESSAGE_QUEUE_URL": "MessageQueue",
    "MESSAGE_BUCKET_NAME": "MessageBucket",
    "IDEMPOTENCY_KEY_BUCKET_NAME": "IdempotencyKeyBucket",
    "KEYS_ALSO_IN_MESSAGE_BUCKET": "${KeysAlsoInMessageBucket}",
    "TOKEN_PARAMETER_PATH": "/weir/${Stage}/tokens",
    "STORAGE_LAYOUT": "${StorageLayout}",
    "DEFAULT_CONTRACT": "${DefaultContract}",
    "ALARM_TOPIC_ARN": "AlarmTopic",
    "API_URL": When(
        "CanaryAddress",
        "${CanaryAddress}",
        When(
            "DomainName",
            "https://${DomainName}",
            "https://HttpApi.execute-api.${AWS::Region}.${AWS::URLSuffix}",
        ),
    ),
    "TOKEN_PARAMETER_NAME": "/weir/${Stage}/tokens/canary",
    "VERSION_ARN": HeldBy("checks_look_at_the_new_version"),
    "PROBE_TARGETS": HeldBy("probe_targets_are_those_asked_for"),
    "PROBE_METHOD": "${ProbeMethod}",
    "PROBE_SAMPLE_COUNT": Between(20, 99),  # 2 % of loss shows in one run of three
    "PROBE_INTERVAL_SECONDS": Between(0.02, 0.1),
    "PROBE_TIMEOUT_SECONDS": Between(0.5, 0.99),  # below the kernel's second SYN at 1 s
    "METRICS_CACHE_SECONDS": Between(1, 15),
}

# What SAM may be told. Much of what it takes would change nothing here, or nothing that the tables
# above see: a digest of one's own for the code, say, would keep new code from being published.
EVERYWHERE = {
    "Architectures", "Environment", "LoggingConfig", "MemorySize", "RecursiveLoop", "Runtime",
    "Timeout", "Tracing",
}  # fmt: skip
SAM = {
    "Globals": EVERYWHERE,
    "AWS::Serverless::Function": EVERYWHERE | {
        "AutoPublishAlias", "AutoPublishAliasAllProperties", "CodeUri", "DeploymentPreference",
        "Description", "EventInvokeConfig", "Events", "Handler",
        "ReservedConcurrentExecutions", "Role", "Tags", "VersionDeletionPolicy",
        "VersionDescription", "VpcConfig",
    },
    "AWS::Serverless::HttpApi": {
        "AccessLogSettings", "Auth", "DefaultRouteSettings", "Description", "Tags",
    },
    "DeploymentPreference": {"Alarms", "Enabled", "Hooks", "Role", "Type"},
    "LoggingConfig": {"ApplicationLogLevel", "LogFormat", "LogGroup", "SystemLogLevel"},
    "HttpApi": {"ApiId", "Auth", "Method", "Path"},
    "SQS": {
        "BatchSize", "Enabled", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds",
        "MetricsConfig", "Queue", "ScalingConfig",
    },
    "ScheduleV2": {"Description", "Input", "Name", "RetryPolicy", "ScheduleExpression", "State"},
}  # fmt: skip
