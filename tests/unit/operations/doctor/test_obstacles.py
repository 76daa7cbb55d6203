"""Each planted obstacle is found, and nothing else: in an account that is otherwise healthy."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from operations.doctor import pipeline
from operations.doctor.__main__ import CHECKS, examine
from operations.doctor.answer import Answer as Line
from operations.doctor.answer import CouldNotLookError, Verdict
from operations.doctor.place import Place
from tests.unit.operations.doctor import healthy
from tests.unit.operations.doctor.recorded import Answer, RecordedAws, Refused

WANTED = {"Stage": "dev", "AlarmEmail": healthy.EMAIL}
REMOTE = "git@github.com:acme/weir.git"


def run(command: list[str]) -> str:
    """Answer for git, and for a machine without GitHub's command line."""
    if command[0] == "git":
        return REMOTE
    raise CouldNotLookError(" ".join(command), "FileNotFoundError")


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKS, "deploy role", lambda place: pipeline.subject(place, run))


def examined(
    answers: Mapping[str, Answer], region: str = healthy.REGION, **wanted: str
) -> list[Line]:
    """Return what the doctor says of the healthy account with these *answers* instead."""
    aws = RecordedAws({**healthy.answers(), **answers})
    place = Place("dev", healthy.STACK, aws.session(region), wanted=WANTED | wanted)
    return list(examine(place, CHECKS))


def not_deployed(what: str) -> Refused:
    """Return CloudFormation's answer for a stack that is not there."""
    return Refused("ValidationError", f"Stack with id {what} does not exist")


class Obstacle(NamedTuple):
    """What is wrong, which check says so, and the words that help."""

    name: str
    check: str
    says: str
    answers: Mapping[str, Answer]
    wanted: Mapping[str, str] = {}
    region: str = healthy.REGION


def offerings(*zones: str) -> dict[str, Any]:
    """Return the zones that offer the targets' type."""
    return {
        "ec2:DescribeInstanceTypeOfferings": {
            "InstanceTypeOfferings": [
                {"InstanceType": "t4g.nano", "Location": f"{healthy.REGION}{zone}"}
                for zone in zones
            ]
        }
    }


def executions(limit: int, unreserved: int | None = None) -> dict[str, Any]:
    """Return Lambda's quota."""
    left = limit if unreserved is None else unreserved
    limits = {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": left}
    return {"lambda:GetAccountSettings": {"AccountLimit": limits}}


FREE: dict[str, Answer] = {
    "freetier:GetAccountPlanState": {
        "accountId": healthy.ACCOUNT,
        "accountPlanType": "FREE",
        "accountPlanStatus": "ACTIVE",
    },
    "ec2:DescribeInstanceTypes": {
        "InstanceTypes": [{"InstanceType": kind} for kind in ("t3.micro", "t4g.micro")]
    },
}
PENDING = {
    "SubscriptionArn": "PendingConfirmation",
    "Endpoint": healthy.EMAIL,
    "TopicArn": healthy.TOPIC,
}

OBSTACLES = (
    Obstacle(
        "a zone without the type",
        "target type",
        "eu-central-1b offers no t4g.nano: name two of eu-central-1a, eu-central-1c",
        offerings("a", "c"),
    ),
    Obstacle(
        "a zone without Lambda in a VPC",
        "zones",
        "Lambda reaches no VPC in eu-central-1a",
        {
            "ec2:DescribeAvailabilityZones": {
                "AvailabilityZones": [
                    healthy.zone("a", 2) | {"ZoneId": "use1-az3"},
                    healthy.zone("b", 3),
                ]
            }
        },
    ),
    Obstacle(
        "the Free plan",
        "plan",
        "refuses t4g.nano and the first deployment is rolled back: TargetInstanceType=t4g.micro",
        FREE,
    ),
    Obstacle(
        "too few executions for the uploader",
        "executions",
        "could take 10 of 10 executions, and senders would get 5xx: set UploaderConcurrency=2",
        executions(10),
    ),
    Obstacle(
        "too few executions to reserve some",
        "executions",
        "ValidatorConcurrency=100 leaves 50 of the account's 150 executions",
        executions(150),
        {"ValidatorConcurrency": "100"},
    ),
    Obstacle(
        "too few vCPUs to replace the targets",
        "target vCPUs",
        "5 vCPUs run two targets and cannot replace both at once",
        {"service-quotas:GetServiceQuota": healthy.quota("L-1216C47A", 5)},
    ),
    Obstacle(
        "too few vCPUs to run the targets, by AWS's default",
        "target vCPUs",
        "1 vCPUs do not run two targets",
        {
            "service-quotas:GetServiceQuota": Refused("NoSuchResourceException"),
            "service-quotas:GetAWSDefaultServiceQuota": healthy.quota("L-1216C47A", 1),
        },
    ),
    Obstacle(
        "backups without AWS Backup's role",
        "service-linked roles",
        "aws iam create-service-linked-role --aws-service-name backup.amazonaws.com",
        {
            "iam:GetRole": lambda params: (
                Refused("NoSuchEntity")
                if params["body"]["RoleName"] == "AWSServiceRoleForBackup"
                else healthy.role(healthy.SUBJECT)
            )
        },
        {"BackupRetentionInDays": "35"},
    ),
    Obstacle(
        "no client",
        "clients",
        "every message is refused: make token CLIENT=first-sender STAGE=dev",
        {"ssm:DescribeParameters": {"Parameters": []}},
    ),
    Obstacle(
        "no client for the smoke test",
        "clients",
        "make token CLIENT=smoke STAGE=dev",
        {"ssm:DescribeParameters": {"Parameters": [{"Name": f"{healthy.TOKENS}/acme"}]}},
    ),
    Obstacle(
        "a canary without a token",
        "clients",
        "make token CLIENT=canary STAGE=dev",
        {},
        {"Canary": "true"},
    ),
    Obstacle(
        "a deploy role of another repository",
        "deploy role",
        "lets repo:acme/other:environment:dev in, and not acme/weir",
        {"iam:GetRole": healthy.role("repo:acme/other:environment:dev")},
    ),
    Obstacle(
        "a deploy role of another environment",
        "deploy role",
        "not acme/weir in environment dev",
        {"iam:GetRole": healthy.role("repo:acme/weir:environment:prod")},
    ),
    Obstacle(
        "no identity provider for GitHub",
        "deploy role",
        "no identity provider token.actions.githubusercontent.com",
        {"iam:ListOpenIDConnectProviders": {"OpenIDConnectProviderList": []}},
    ),
    Obstacle(
        "an e-mail that nobody confirmed",
        "alarms",
        "you@example.com has not confirmed",
        {"sns:ListSubscriptionsByTopic": {"Subscriptions": [PENDING]}},
    ),
    Obstacle(
        "a topic without subscribers",
        "alarms",
        "alarms reach nobody",
        {"sns:ListSubscriptionsByTopic": {"Subscriptions": []}},
    ),
    Obstacle(
        "nobody to hear of alarms, before the first deployment",
        "alarms",
        "add AlarmEmail=... to samconfig.toml",
        {"cloudformation:DescribeStacks": not_deployed(healthy.STACK)},
        {"AlarmEmail": ""},
    ),
    Obstacle(
        "a first deployment that failed",
        "stack",
        "aws cloudformation delete-stack --stack-name weir-dev",
        {"cloudformation:DescribeStacks": healthy.stacks(StackStatus="ROLLBACK_COMPLETE")},
    ),
    Obstacle(
        "an image for the other processor",
        "target image",
        "t3.micro needs an image for x86_64",
        {},
        {"TargetInstanceType": "t3.micro"},
    ),
    Obstacle(
        "a budget where CloudFormation has none",
        "budget",
        "CloudFormation makes no budget in eu-north-1",
        {},
        {"MonthlyBudget": "50"},
        "eu-north-1",
    ),
    Obstacle(
        "a budget that was deleted by hand",
        "budget",
        "weir-dev-eu-central-1 was deleted by hand",
        {
            "cloudformation:DescribeStacks": healthy.stacks(
                Parameters=[{"ParameterKey": "MonthlyBudget", "ParameterValue": "50"}]
            ),
            "budgets:DescribeBudget": Refused("NotFoundException"),
        },
        {"MonthlyBudget": "50"},
    ),
)


def test_healthy_account_is_fine() -> None:
    """The one in which each obstacle is planted has none of its own."""
    lines = examined({})

    assert [line.check for line in lines] == list(CHECKS)
    assert [str(line) for line in lines if line.verdict is not Verdict.FINE] == []


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=lambda obstacle: obstacle.name)
def test_obstacle_is_found_and_nothing_else(obstacle: Obstacle) -> None:
    """A false alarm costs as much trust as a missed obstacle costs time."""
    lines = examined(obstacle.answers, obstacle.region, **obstacle.wanted)

    [found] = [line for line in lines if line.verdict is not Verdict.FINE]
    assert (found.check, found.verdict) == (obstacle.check, Verdict.TO_DO)
    assert obstacle.says in found.text
    assert "\n" not in str(found)


def test_obstacles_at_once_are_all_found() -> None:
    """A new account has several."""
    lines = examined(
        {
            **FREE,
            **executions(10),
            "cloudformation:DescribeStacks": not_deployed(healthy.STACK),
            "cloudformation:DescribeStackResource": not_deployed("weir-pipeline-dev"),
        },
        AlarmEmail="",
    )

    assert {line.check for line in lines if line.verdict is Verdict.TO_DO} == {
        "plan",
        "executions",
        "alarms",
    }


def test_zone_that_does_not_exist_is_named_by_both_checks_that_need_it() -> None:
    """The type cannot be looked up where there is no zone."""
    lines = examined({}, ProbeZone="eu-central-1x", OtherZone="eu-central-1a")

    found = {line.check: line.text for line in lines if line.verdict is Verdict.TO_DO}
    assert set(found) == {"zones", "target type"}
    assert "no zone eu-central-1x" in found["zones"]


ALLOWED: dict[str, tuple[dict[str, Answer], dict[str, str]]] = {
    "an account that is older than plans": (
        {"freetier:GetAccountPlanState": Refused("ResourceNotFoundException")},
        {},
    ),
    "a type that the Free plan allows": (
        {
            **FREE,
            "ec2:DescribeInstanceTypeOfferings": {
                "InstanceTypeOfferings": [
                    {"InstanceType": "t4g.micro", "Location": f"{healthy.REGION}{zone}"}
                    for zone in "ab"
                ]
            },
        },
        {"TargetInstanceType": "t4g.micro"},
    ),
    "targets of one's own need no type, vCPU and image": (
        {
            **offerings(),
            "service-quotas:GetServiceQuota": healthy.quota("L-1216C47A", 0),
            "ec2:DescribeImages": {"Images": []},
        },
        {"ProbeTargets": "10.0.0.1:7", "ProbeSubnetIds": "subnet-1"},
    ),
    "a share that the validator has already": (
        {
            **executions(1000, 120),
            "cloudformation:DescribeStacks": healthy.stacks(
                Parameters=[{"ParameterKey": "ValidatorConcurrency", "ParameterValue": "100"}]
            ),
        },
        {"ValidatorConcurrency": "100"},
    ),
    "no pipeline": (
        {"cloudformation:DescribeStackResource": not_deployed("weir-pipeline-dev")},
        {},
    ),
    "a first deployment to come": (
        {
            "cloudformation:DescribeStacks": not_deployed(healthy.STACK),
            "ssm:DescribeParameters": {"Parameters": []},
            "sns:ListSubscriptionsByTopic": {"Subscriptions": []},
        },
        {},
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_only_looks_like_an_obstacle_is_fine(name: str) -> None:
    """The neighbours of the obstacles above."""
    answers, wanted = ALLOWED[name]

    lines = examined(answers, **wanted)

    assert [str(line) for line in lines if line.verdict is not Verdict.FINE] == []


CALLS = {
    "cloudformation:DescribeStacks": {"stack", "executions", "alarms", "clients"},
    "ec2:DescribeAvailabilityZones": {"zones", "target type"},
    "ec2:DescribeInstanceTypeOfferings": {"target type"},
    "freetier:GetAccountPlanState": {"plan"},
    "service-quotas:GetServiceQuota": {"target vCPUs"},
    "ssm:GetParameter": {"target image"},
    "ec2:DescribeImages": {"target image"},
    "lambda:GetAccountSettings": {"executions"},
    "iam:GetRole": {"deploy role"},
    "iam:ListOpenIDConnectProviders": {"deploy role"},
    "sns:ListSubscriptionsByTopic": {"alarms"},
    "ssm:DescribeParameters": {"clients"},
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", ["AccessDeniedException", "no answer"])
def test_unanswered_call_is_never_fine(call: str, answer: str) -> None:
    """Who may not look knows nothing, and must not be told that all is well."""
    recorded = healthy.answers()
    if answer == "no answer":
        del recorded[call]
    else:
        recorded[call] = Refused(answer, "User is not authorized")
    aws = RecordedAws(recorded)
    place = Place("dev", healthy.STACK, aws.session(healthy.REGION), wanted=WANTED)

    lines = list(examine(place, CHECKS))

    assert {line.check for line in lines if line.verdict is Verdict.UNSEEN} == CALLS[call]
    assert all(call in line.text for line in lines if line.verdict is Verdict.UNSEEN)
    assert not [line for line in lines if line.verdict is Verdict.TO_DO]


def test_without_an_account_nothing_else_is_asked() -> None:
    """Fourteen lines that say the same would hide the reason."""
    aws = RecordedAws({"sts:GetCallerIdentity": Refused("ExpiredToken")})
    place = Place("dev", healthy.STACK, aws.session(healthy.REGION), wanted=WANTED)

    [line] = examine(place, CHECKS)

    assert str(line) == "account: could not look: sts:GetCallerIdentity (ExpiredToken)"
    assert aws.calls == ["sts:GetCallerIdentity"]


def test_doctor_only_reads() -> None:
    """Every call of the checks gets, lists or describes."""
    aws = RecordedAws(healthy.answers())
    place = Place("dev", healthy.STACK, aws.session(healthy.REGION), wanted=WANTED)

    list(examine(place, CHECKS))

    operations = {call.partition(":")[2] for call in aws.calls}
    assert all(each.startswith(("Get", "List", "Describe")) for each in operations)
