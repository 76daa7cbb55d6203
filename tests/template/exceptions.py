"""What the linters find and Weir keeps, each with its reason; one that is not found any more fails.

Keys are the check; a check may hold for several resources for the same reason.
"""

from tests.support import template

FUNCTIONS = set(template.FUNCTIONS)
ROLES = {name.replace("Function", "Role") for name in FUNCTIONS}
LOG_GROUPS = {"ApiLogGroup"} | {name.replace("Function", "LogGroup") for name in FUNCTIONS}
TARGETS = {"OtherZoneTarget", "SameZoneTarget"}

type Exceptions = dict[str, tuple[set[str], str]]

CFN_LINT: Exceptions = {
    "W2001": (
        {"Parameters/GradualDeployment"},
        "the SAM transform uses it up: it decides whether there is a deployment group",
    ),
}

MANAGED = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
OBJECTS = "AwsSolutions-IAM5[Resource::<MessageBucket.Arn>"
VERSIONS = "a policy that changed with each release would meet IAM's delay"
GROUPS = (
    "arn:<AWS::Partition>:codedeploy:<AWS::Region>:<AWS::AccountId>:"
    "deploymentgroup:<AWS::StackName>-*/*"
)
ASYNCHRONOUS = ("Canary", "UploaderCheck", "ValidatorCheck")
CDK_NAG: Exceptions = {
    "AwsSolutions-EC28": (TARGETS, "a target idles; the probe itself is its monitoring"),
    "AwsSolutions-EC29": (TARGETS, "a target holds nothing, and `sam delete` has to work"),
    f"{MANAGED}AWSBackupServiceRolePolicyForS3Backup]": (
        {"BackupRole"},
        "AWS alone knows what AWS Backup calls, and extends it",
    ),
    "AwsSolutions-IAM5[Resource::*]": (
        ROLES | {"DeploymentRole"},
        "X-Ray and network interfaces have no resource to name; a rule lists the actions",
    ),
    "AwsSolutions-IAM5[Resource::<UploaderFunction.Arn>:*]": ({"UploaderCheckRole"}, VERSIONS),
    "AwsSolutions-IAM5[Resource::<ValidatorFunction.Arn>:*]": ({"ValidatorCheckRole"}, VERSIONS),
    f"AwsSolutions-IAM5[Resource::{GROUPS}]": (
        {"UploaderCheckRole", "ValidatorCheckRole"},
        "SAM names application and groups, and makes them with GradualDeployment alone",
    ),
    f"{OBJECTS}/batches/*]": (
        {"UploaderRole", "ReaderPolicy"},
        "objects are named when they are written",
    ),
    f"{OBJECTS}/idempotency/*]": ({"ValidatorRole"}, "objects are named when they are written"),
    "AwsSolutions-IAM5[Resource::<IdempotencyKeyBucket.Arn>/idempotency/*]": (
        {"ValidatorRole"},
        "objects are named when they are written",
    ),
    f"{OBJECTS}/messages/*]": (
        {"UploaderRole", "ReaderPolicy"},
        "objects are named when they are written",
    ),
    f"{OBJECTS}/quarantine/*]": (
        {"UploaderRole", "ReaderPolicy"},
        "objects are named when they are written",
    ),
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:"
    "table/<Database>/*]": (
        {"ReaderPolicy"},
        "contracts come and go, and so do the views of them in this database",
    ),
    "AwsSolutions-L1": (FUNCTIONS, "Python 3.13 is what everything is tested and compiled with"),
    "AwsSolutions-S1": (
        {"MessageBucket", "IdempotencyKeyBucket"},
        "the API's access log and each object's metadata say who sent what; "
        "CloudTrail's data events, an account's choice, say who read it",
    ),
    "AwsSolutions-VPC7": (
        {"Vpc"},
        "nothing leads in or out, and the probe's own traffic is what it reports",
    ),
    "Serverless-APIGWStructuredLogging": (
        {"HttpApiApiGatewayDefaultStage"},
        "the line is JSON; cdk-nag does not look into Fn::Sub, which puts the stage there",
    ),
    "Serverless-LambdaAsyncFailureDestination": (
        {f"{name}FunctionEventInvokeConfig" for name in ASYNCHRONOUS},
        "the next minute sends again, and CodeDeploy waits for a check's own status",
    ),
    "Serverless-LambdaDLQ": (
        FUNCTIONS,
        "a queue and an API call them, not an event that could get lost; "
        "the next minute repeats the probe",
    ),
    "Serverless-LambdaEventSourceMappingDestination": (
        {"UploaderFunctionMessages"},
        "SQS has none: the queue's own dead-letter queue takes what fails",
    ),
    "Serverless-LambdaLatestVersion": (
        FUNCTIONS,
        "Python 3.13 is what everything is tested and compiled with",
    ),
    "Serverless-LambdaStarPermissions": (
        ROLES,
        "X-Ray and network interfaces have no resource to name; a rule lists the actions",
    ),
    "Serverless-LambdaTracing": (FUNCTIONS, "a parameter, active unless its user says otherwise"),
    "Serverless-SNSRedrivePolicy": (
        {"AlarmSubscription"},
        "an e-mail that bounces is seen in the console, as the alarm still is",
    ),
    "Serverless-SQSRedrivePolicy": ({"DeadLetterQueue"}, "it is the dead-letter queue"),
}

# Of .github/deploy-role.yaml, by both auditors; cdk-nag's rules without what they found them in.
DEPLOY_ROLE: Exceptions = {
    "AwsSolutions-IAM5": (
        {"CloudFormationRole", "PipelineRole"},
        "names are made at deployment; test_deploy_role holds each right to what AWS calls",
    ),
    "AwsSolutions-S1": (
        {"ArtifactBucket"},
        "packages of open code; CloudTrail's data events, an account's choice, say who read them",
    ),
    "CKV_AWS_18": ({"ArtifactBucket"}, "as AwsSolutions-S1"),
}

CHECKOV: Exceptions = {
    "CKV_AWS_18": ({"MessageBucket", "IdempotencyKeyBucket"}, "as AwsSolutions-S1"),
    "CKV_AWS_21": (
        {"IdempotencyKeyBucket"},
        "a key is over after some days; a version of it is waste",
    ),
    "CKV_AWS_19": (
        {"MessageBucket", "IdempotencyKeyBucket"},
        "it is encrypted either way: checkov does not look behind the condition",
    ),
    "CKV_AWS_26": (
        {"AlarmTopic"},
        "an alarm's text holds no data, and CloudWatch cannot use the key that AWS keeps for SNS",
    ),
    "CKV_AWS_111": (
        {"LatencyProbeRole"},
        "network interfaces have no resource to name; a rule lists the actions",
    ),
    "CKV_AWS_115": (
        FUNCTIONS - {"ValidatorFunction"},
        "reserved concurrency turns throttled receives into retries",
    ),
    "CKV_AWS_116": (FUNCTIONS, "as Serverless-LambdaDLQ"),
    "CKV_AWS_117": (
        FUNCTIONS - {"LatencyProbeFunction"},
        "they call AWS alone, over TLS; in a VPC they would need endpoints at an hourly price",
    ),
    "CKV_AWS_158": (LOG_GROUPS, "neither tokens nor payloads are logged; AWS's own key encrypts"),
    "CKV_AWS_173": (FUNCTIONS, "no variable is a secret; AWS's own key encrypts"),
}
