"""What whoever deploys gives and gets: parameters, the rules between them, and outputs."""

from typing import Any, NamedTuple

from tests.template.closed import When

ARN_OF_A_KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
ARN_OF_A_CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222"
ZONES = ("", "eu-central-1b", "us-west-2-lax-1a", "us-gov-west-1a")
NOT_ZONES = (
    "eu-central-1",
    "b",
    "eu_central_1b",
    "eu-central-1b,eu-central-1c",
    "use1-az1 ",
    "x",
    "xeu-central-1b",
    ".eu-central-1b",
)
RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip


class Parameter(NamedTuple):
    """A parameter: its default and why, and values that it has to take and to refuse.

    Of a parameter with a list of values *takes* is all of them.
    """

    default: Any
    why: str
    takes: tuple[Any, ...] = ()
    refuses: tuple[Any, ...] = ()
    kind: str = "String"


def days(why: str) -> Parameter:
    """Return a parameter of days that asks for nothing at 0."""
    return Parameter(0, why, (0, 1, 36500), (-1, 36501), "Number")


PARAMETERS = {
    "Stage": Parameter(
        "dev",
        "who tries Weir is not in prod by accident",
        ("dev", "prod", "a", "eu-2", "a" * 16),
        ("", "Dev", "2eu", "a" * 17, "a_b", "a/b", "-a", "dev "),
    ),
    "Architecture": Parameter("arm64", "cheaper for the same speed", ("arm64", "x86_64")),
    "GradualDeployment": Parameter("false", "dev is deployed at once", ("true", "false")),
    "LogRetentionInDays": Parameter(
        30, "a month to find out; CloudWatch takes no other values", RETENTIONS, (2, 0), "Number"
    ),
    "Tracing": Parameter("Active", "docs/performance.md has its price", ("Active", "PassThrough")),
    "AwsEndpointUrl": Parameter(
        "",
        "in the cloud AWS is AWS",
        ("", "http://127.0.0.1:4566", "https://aws.example.com"),
        (
            "ftp://a",
            "http://a/",
            "http://a/b",
            "127.0.0.1:4566",
            "http://a b",
            "http://u@a",
            "xhttp://a",
        ),
    ),
    "RequestsPerSecond": Parameter(
        1000, "what docs/scaling.md was measured with", (1, 1000, 10000), (0, -1), "Number"
    ),
    "RequestBurst": Parameter(
        2000, "two seconds' worth at once", (1, 2000, 5000), (0, -1), "Number"
    ),
    "ValidatorConcurrency": Parameter(
        0, "a new account refuses any other", (0, 1, 10000), (-1, 10001), "Number"
    ),
    "DomainName": Parameter(
        "",
        "AWS's own address works at once",
        ("", "messages.example.com", "a-1.b2.co"),
        ("x", "https://example.com", "example", "-a.com", "A.com", "a..com", "a.com/", "a-.com"),
    ),
    "CertificateArn": Parameter(
        "",
        "comes with DomainName",
        ("", ARN_OF_A_CERTIFICATE, ARN_OF_A_CERTIFICATE.replace("aws", "aws-cn", 1)),
        (
            "certificate/1",
            "x" + ARN_OF_A_CERTIFICATE,
            ARN_OF_A_CERTIFICATE + "x",
            ARN_OF_A_KEY,
            ARN_OF_A_CERTIFICATE.replace("123456789012", "1"),
        ),
    ),
    "DefaultContract": Parameter(
        "email",
        "what the first contract was",
        ("email", "four-fields", "v2"),
        ("", "Email", "a_b", "-a", "a-", "a--b", "2v", "a/b"),
    ),
    "StorageLayout": Parameter(
        "message", "each message is found by its receipt", ("message", "batch")
    ),
    "KeysAlsoInMessageBucket": Parameter(
        "true", "whoever upgrades without reading keeps the promise of a key", ("true", "false")
    ),
    "UploaderConcurrency": Parameter(
        10, "some 3,000 messages a second, and a bound on the bill", (2, 1000), (1, 1001), "Number"
    ),
    "BatchingWindowInSeconds": Parameter(
        5, "each second less costs polls", (1, 20), (0, 21), "Number"
    ),
    "KmsKeyArn": Parameter(
        "",
        "keys that AWS keeps cost nothing",
        ("", ARN_OF_A_KEY, ARN_OF_A_KEY.replace("key/", "key/mrk-")),
        (
            "alias/mine",
            "x" + ARN_OF_A_KEY,
            ARN_OF_A_KEY + "x",
            ARN_OF_A_KEY.replace("key/", "alias/"),
            ARN_OF_A_KEY + "/x",
            "key/1",
        ),
    ),
    "ArchiveAfterInDays": days("nothing moves unless asked"),
    "ExpireAfterInDays": days("nothing is deleted unless asked"),
    "BackupRetentionInDays": days("an object is billed as 128 KB at least"),
    "StoredEvents": Parameter("false", "EventBridge bills each event", ("true", "false")),
    "AlarmEmail": Parameter(
        "",
        "nobody is written to unless asked",
        ("", "someone@example.com", "a.b+c@d-e.co.uk"),
        ("x", "someone", "a@b", "a b@c.de", "a@b@c.de", "@b.de", "a@b.de "),
    ),
    "MonthlyBudget": Parameter(
        0, "nobody is written to unless asked", (0, 1, 1000000000), (-1, 1000000001), "Number"
    ),
    "Canary": Parameter("false", "it needs a client of its own first", ("true", "false")),
    "CanaryAddress": Parameter(
        "",
        "where every sender sends",
        ("", "http://127.0.0.1:4566", "https://messages.example.com"),
        (
            "ftp://a",
            "https://a/",
            "https://a/b",
            "example.com",
            "https://a b",
            "http://u@a",
            "xhttp://a",
        ),
    ),
    "QueryLimitInBytes": Parameter(
        100000000000, "half a dollar", (10000000, 100000000000), (9999999, 0), "Number"
    ),
    "ProbeTargets": Parameter(
        "",
        "two targets are made",
        ("", "10.0.0.1:443", "a.example.com:7,[fd00::1]:443", "a_b:1"),
        ("a:1, b:1", "a;b", 'a"b', "a$b", "http://a:1", " a:1", "a:1 "),
    ),
    "ProbeMethod": Parameter("tcp", "Lambda lets TCP out, not ICMP", ("tcp", "icmp", "auto")),
    "ProbeSubnetIds": Parameter("", "a network is made", kind="CommaDelimitedList"),
    "ProbeSecurityGroupIds": Parameter("", "a network is made", kind="CommaDelimitedList"),
    "VpcCidr": Parameter(
        "10.90.0.0/24",
        "private, and seldom taken",
        ("10.90.0.0/24", "10.0.0.0/16", "192.168.255.0/26", "172.16.0.0/20"),
        (
            "x10.90.0.0/24",
            "10.90.0.0/24x",
            "10.90.0.0",
            "10.90.0.0/27",
            "10.0.0.0/15",
            "10.0.0.256/24",
            "10.0.0/24",
            "a/24",
        ),
    ),
    "ProbeZone": Parameter("", "the region's first", ZONES, NOT_ZONES),
    "OtherZone": Parameter("", "the region's second", ZONES, NOT_ZONES),
    "TargetPort": Parameter(
        7, "echo's; nothing else listens there", (1, 7, 65535), (0, 65536), "Number"
    ),
    "TargetInstanceType": Parameter(
        "t4g.nano",
        "the cheapest that there is",
        ("t4g.nano", "t4g.micro", "t4g.small", "t3.nano", "t3.micro", "t3.small"),
    ),
    "TargetImageId": Parameter(
        "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
        "AWS's newest, for the type above",
        kind="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    ),
}

SUBNETS = {"ProbeSubnetIds": "subnet-1"}
GROUPS = {"ProbeSecurityGroupIds": "sg-1"}
PROBED = {"ProbeTargets": "10.0.0.1:443"}
BUDGET = {"MonthlyBudget": "50"}
EMAIL = {"AlarmEmail": "someone@example.com"}
# Where CloudFormation has AWS::Budgets::Budget: test_budget asks the registry.
BUDGET_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "me-south-1",
    "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
DOMAIN = {"DomainName": "messages.example.com"}
CERTIFICATE = {"CertificateArn": ARN_OF_A_CERTIFICATE}
# Parameters that the template's Rules have to take, and parameters that they have to refuse.
TAKEN_TOGETHER: tuple[dict[str, str], ...] = (
    {},
    {**SUBNETS, **GROUPS, **PROBED},
    PROBED,
    {"ProbeZone": "eu-central-1a", "OtherZone": "eu-central-1b"},
    {**DOMAIN, **CERTIFICATE},
    CERTIFICATE,
    *({**BUDGET, **EMAIL, "AWS::Region": region} for region in BUDGET_REGIONS),
    EMAIL,
)
REFUSED_TOGETHER: tuple[dict[str, str], ...] = (
    {**SUBNETS, **PROBED},
    {**SUBNETS, **GROUPS},
    {"ProbeZone": "eu-central-1a"},
    {"OtherZone": "eu-central-1a"},
    {"ProbeZone": "eu-central-1a", "OtherZone": "eu-central-1a"},
    DOMAIN,
    {**BUDGET, "AWS::Region": "eu-central-1"},
    {**BUDGET, **EMAIL, "AWS::Region": "cn-north-1"},  # CloudFormation has no budgets there
)

API = "https://HttpApi.execute-api.${AWS::Region}.${AWS::URLSuffix}"
OUTPUTS = {
    "ApiUrl": (When("DomainName", "https://${DomainName}", API), "where senders post"),
    "ApiEndpoint": (API, "AWS's own address, whatever DomainName leads to"),
    "ApiDomainTarget": (
        When("DomainName", "ApiDomain.RegionalDomainName"),
        "where a DNS record points",
    ),
    "MessageBucketName": ("MessageBucket", "where messages are"),
    "MessageQueueUrl": ("MessageQueue", "what is accepted and not stored yet"),
    "DeadLetterQueueUrl": ("DeadLetterQueue", "what waits for make replay"),
    "TokenParameterPath": ("/weir/${Stage}/tokens", "where clients' entries are"),
    "ClientEntries": ("json", "the form in which make token writes to this stack"),
    "AlarmTopicArn": ("AlarmTopic", "what hears of alarms"),
    "DashboardUrl": (
        "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}"
        "#dashboards/dashboard/Dashboard",
        "where to look first",
    ),
    "DatabaseName": ("Database", "where queries look"),
    "QueryWorkGroupName": ("QueryWorkGroup", "what bounds a query's cost"),
    "ReaderPolicyArn": ("ReaderPolicy", "what a reader is given"),
    "Version": (None, "release_is_the_project_s holds it"),
}
