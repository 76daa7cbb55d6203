"""CloudFormation's role may do what AWS's own handlers call, and each of its rights is needed."""

import re
from collections.abc import Iterator
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest

from operations.project import ROOT
from tests.template.decided.pipeline import (
    EVERYWHERE,
    OF_OTHERS,
    PASSED_TO,
    RESOURCES,
    SERVICE_LINKED,
)
from tests.template.deployment import Deployment, listed
from tests.template.rules_closed import differences_of
from tests.template.translator import DEPLOYMENTS, TEMPLATE, Translator

ROLE = ROOT / ".github" / "deploy-role.yaml"
STACK = "weir-dev"
KEY = DEPLOYMENTS["own"]["KmsKeyArn"]

# Actions that a handler may call and Weir's role may not, each with its reason.
NOT_GRANTED = {
    action: reason
    for reason, actions in {
        "targets have no role, so no instance profile": (
            "ec2:AssociateIamInstanceProfile",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
        ),
        "targets have the disk that they start with": ("ec2:AttachVolume", "ec2:DetachVolume"),
        "the template leaves these settings of an instance alone": (
            "ec2:ModifyInstanceCreditSpecification",
            "ec2:ModifyInstanceMaintenanceOptions",
            "ec2:ModifyInstancePlacement",
            "ec2:ModifyPrivateDnsNameOptions",
            "ec2:MonitorInstances",
            "ec2:UnmonitorInstances",
        ),
        "no target is managed by Systems Manager": (
            "ssm:CreateAssociation",
            "ssm:DeleteAssociation",
            "ssm:DescribeAssociation",
            "ssm:ListAssociations",
        ),
        "functions have no file system, layer, signature or capacity provider": (
            "elasticfilesystem:DescribeMountTargets",
            "lambda:GetCodeSigningConfig",
            "lambda:GetLayerVersion",
            "lambda:PassCapacityProvider",
            "s3files:ListMountTargets",
        ),
        "variables of functions are encrypted by AWS's own key": ("kms:Encrypt",),
        "no deployment is about machines of one's own": ("codedeploy:RegisterOnPremisesInstance",),
        "no log group delivers to Firehose": ("firehose:TagDeliveryStream",),
        "roles have no boundary (docs/security.md says why)": (
            "iam:DeleteRolePermissionsBoundary",
            "iam:PutRolePermissionsBoundary",
        ),
        "the bucket has no metadata tables": (
            "s3tables:CreateNamespace",
            "s3tables:CreateTable",
            "s3tables:CreateTableBucket",
            "s3tables:GetTable",
            "s3tables:GetTableMetadataLocation",
            "s3tables:PutTableBucketPolicy",
            "s3tables:PutTableEncryption",
            "s3tables:PutTablePolicy",
            "s3tables:UpdateTableMetadataLocation",
        ),
        "the readers' policy is attached by whoever owns the account": (
            "iam:AttachGroupPolicy",
            "iam:AttachUserPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachUserPolicy",
            "iam:ListEntitiesForPolicy",
        ),
        "the tables have no connection, no schema registry and no Lake Formation": (
            "glue:CreateConnection",
            "glue:DeleteConnection",
            "glue:GetConnection",
            "glue:GetSchemaVersion",
            "glue:PassConnection",
            "glue:UpdateConnection",
            "lakeformation:CreateTable",
            "lakeformation:DescribeLakeFormationIdentityCenterConfiguration",
            "lakeformation:DescribeResource",
            "lakeformation:GetDataAccess",
            "lakeformation:ListResources",
        ),
        "a name that AWS's own reference does not know": ("backup-storage:Mount",),
    }.items()
    for action in actions
}
# Rights that no handler of Weir's types names, each with its reason.
BEYOND_THE_HANDLERS = {
    "cloudformation:CreateChangeSet": "the template's own transform is expanded with it",
    "lambda:ListTags": "the stack's tags go to the event source mapping too",
    "lambda:TagResource": "the stack's tags go to the event source mapping too",
    "lambda:UntagResource": "the stack's tags go to the event source mapping too",
    "logs:ListLogDeliveries": "API Gateway asks for it where an API has an access log",
    "s3:GetObject": "Lambda fetches the packages with the rights of its caller",
    "sns:GetSubscriptionAttributes": "AWS's references differ on whether it takes a topic",
    "sns:SetSubscriptionAttributes": "AWS's references differ on whether it takes a topic",
    "sns:Unsubscribe": "AWS's references differ on whether it takes a topic",
    "ssm:GetParameters": "CloudFormation reads the parameter that names the image",
}

# What stands before the name in an ARN, where it is more than the kind of resource.
BEHIND = {"scheduler": "default/", "iam:CreateServiceLinkedRole": "aws-service-role/"}

type Statement = dict[str, Any]


class Registry(NamedTuple):
    """What AWS says: the actions that each type's handlers call, and what an action acts on."""

    calls: dict[str, list[str]]
    actions: dict[str, list[str]]


@pytest.fixture(scope="module")
def registry(translator: Translator) -> Registry:
    """Return what AWS says of every type that any deployment of the template makes."""
    text = TEMPLATE.read_text()
    types = {
        resource["Type"]
        for name in DEPLOYMENTS
        for resource in translator.deployment(text, name).template["Resources"].values()
    }
    told = translator.registry(types)
    calls = {kind: each["calls"] for kind, each in told["types"].items()}
    assert len(calls) > 25
    return Registry(calls, told["actions"])


GIVEN = {
    "Repository": "owner/name",
    "Environment": "dev",
    "StackName": STACK,
    "KmsKeyArn": KEY,
    "TargetImageParameterArn": "arn:aws:ssm:eu-central-1:123456789012:parameter/image",
}
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
# With all that a user may bring along, with as little as there may be, and for plans alone.
VARIANTS = {
    "own": {**GIVEN, "OidcProviderArn": PROVIDER},
    "abroad": {
        "AWS::Region": "cn-north-1",
        "AWS::Partition": "aws-cn",
        "AWS::AccountId": "210987654321",
        "Repository": "owner@1/other@2",
        "Environment": "prod",
        "StackName": "weir-prod",
        "OidcProviderArn": PROVIDER,
    },
    "plan": {**GIVEN, "Environment": "plan", "OidcProviderArn": PROVIDER},
}


@pytest.fixture(scope="module")
def role(translator: Translator) -> Deployment:
    """Return the role's template, with a key of one's own and an image of one's own."""
    return translator.parsed(ROLE.read_text(), GIVEN)


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest, translator: Translator) -> Deployment:
    """Return the role's template in one of the ways in which it is deployed."""
    return translator.parsed(ROLE.read_text(), VARIANTS[request.param])


def statements(role: Deployment) -> list[Statement]:
    """Return what CloudFormation's role may do."""
    [policy] = role.properties("CloudFormationRole")["Policies"]
    found: list[Statement] = policy["PolicyDocument"]["Statement"]
    return found


def examples(action: str, registry: Registry) -> list[str]:
    """Return an ARN of each kind of resource that *action* takes, of this stack."""
    fixed = {"Partition": "aws", "Region": "eu-central-1", "Account": "123456789012"}
    name = BEHIND.get(action.split(":")[0], BEHIND.get(action, "")) + f"{STACK}-x"
    return [
        re.sub(r"\$\{(\w+)\}", lambda match: fixed.get(match[1], "x"), form).replace(".*", name)
        for form in registry.actions.get(action.lower(), [])
    ]


def grants(statement: Statement, action: str, registry: Registry) -> bool:
    """Say whether *statement* allows *action*, on a resource that the action can be about."""
    if not any(
        fnmatchcase(action.lower(), granted.lower()) for granted in listed(statement["Action"])
    ):
        return False
    resources = listed(statement["Resource"])
    if "*" in resources or action.lower() not in registry.actions:
        return True
    wanted = examples(action, registry)
    if action.startswith("kms:"):
        return resources == [KEY]
    return any(fnmatchcase(arn, resource) for arn in wanted for resource in resources)


def missing(found: list[Statement], registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield each action that a handler calls and *found* does not allow, with the type."""
    for kind, calls in registry.calls.items():
        for action in calls:
            if not any(grants(statement, action, registry) for statement in found):
                yield action, kind


def test_role_may_do_what_the_handlers_call(role: Deployment, registry: Registry) -> None:
    """CloudFormation works with this role: what it may not do ends in a rollback.

    A new type in the template may need a right here, in .github/deploy-role.yaml, or a reason in
    NOT_GRANTED.
    """
    found = {action for action, _ in missing(statements(role), registry)}

    assert found == NOT_GRANTED.keys()


def rights(role: Deployment) -> list[tuple[int, str]]:
    """Return every right of the role by the number of its statement."""
    return [
        (number, action)
        for number, statement in enumerate(statements(role))
        for action in listed(statement["Action"])
    ]


def test_no_right_can_go_unnoticed(role: Deployment, registry: Registry) -> None:
    """Without a right that a handler needs the test above fails; the others have their reasons."""
    unneeded = set()
    for number, action in rights(role):
        fewer = deepcopy(statements(role))
        fewer[number]["Action"] = [
            other for other in listed(fewer[number]["Action"]) if other != action
        ]
        if {name for name, _ in missing(fewer, registry)} == NOT_GRANTED.keys():
            unneeded.add(action)

    assert unneeded == BEYOND_THE_HANDLERS.keys()


def test_everything_is_what_was_decided(variant: Deployment) -> None:
    """Whoever can take the pipeline's role deploys to production."""
    plans = variant.parameters["Environment"] == "plan"
    wanted = RESOURCES.keys() - {"OidcProvider"}
    if plans:
        wanted -= {"DeployPolicy", "CloudFormationRole"}

    found = [
        difference
        for name, resource in variant.resources.items()
        for difference in differences_of(name, resource, RESOURCES[name], variant)
    ]

    assert variant.resources.keys() == wanted
    assert found == []


def test_provider_that_is_made_is_trusted(role: Deployment) -> None:
    """An account without one gets GitHub's, which outlives the stack as others use it."""
    [trusted] = role.properties("PipelineRole")["AssumeRolePolicyDocument"]["Statement"]
    provider = role.resources["OidcProvider"]

    assert trusted["Principal"] == {"Federated": "OidcProvider"}
    assert list(differences_of("OidcProvider", provider, RESOURCES["OidcProvider"], role)) == []
    for kept in ("OidcProvider", "ArtifactBucket"):
        assert role.resources[kept]["DeletionPolicy"] == "Retain"
        assert role.resources[kept]["UpdateReplacePolicy"] == "Retain"


def test_rights_on_everything_are_those_decided_on(role: Deployment) -> None:
    """What has a name is held by it: another stack of the account is out of reach."""
    everywhere = {
        action
        for statement in statements(role)
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }

    assert everywhere == {action for named in EVERYWHERE.values() for action in named.split()}


def test_other_rights_are_on_what_the_stack_s_name_begins(variant: Deployment) -> None:
    """A name that only ends in an asterisk would let other stacks in."""
    if variant.parameters["Environment"] == "plan":
        return
    stack = variant.parameters["StackName"]
    others = {variant.text(form) for form in OF_OTHERS}
    where = ":".join(variant.pseudo[f"AWS::{name}"] for name in ("Region", "AccountId"))
    places = {where, where.replace(where.split(":")[0], "", 1), ":"}

    for statement in statements(variant):
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        for resource in set(listed(statement["Resource"])) - {"*"} - others:
            arn, partition, _, region, account, name = resource.split(":", 5)
            assert (arn, partition) == ("arn", variant.pseudo["AWS::Partition"])
            assert f"{region}:{account}" in places, resource
            if resource.split(":")[2] == "glue":  # SQL wants quotes around a hyphen
                database = stack.replace("-", "_")
                tables = rf"database/{database}|(table|userDefinedFunction)/{database}/\*|catalog"
                assert re.fullmatch(tables, name), resource
                continue
            assert re.fullmatch(rf"([a-z-]+[:/])?(default/)?{stack}-\*", name), resource


def test_roles_go_to_known_services_alone(role: Deployment) -> None:
    """Who may pass any role to any service may do whatever any role of the account may."""
    conditions = {
        "iam:PassRole": ("iam:PassedToService", PASSED_TO),
        "iam:CreateServiceLinkedRole": ("iam:AWSServiceName", SERVICE_LINKED),
    }
    for action, (key, services) in conditions.items():
        allowing = [
            statement
            for statement in statements(role)
            if any(fnmatchcase(action, granted) for granted in listed(statement["Action"]))
        ]
        [statement] = allowing
        assert statement["Action"] == action
        assert statement["Condition"].keys() == {"StringEquals"}
        assert statement["Condition"]["StringEquals"].keys() == {key}
        assert set(statement["Condition"]["StringEquals"][key]) == services
    conditional = [each["Action"] for each in statements(role) if "Condition" in each]
    assert sorted(conditional) == sorted(conditions)


def test_every_exception_has_a_reason() -> None:
    """A list without reasons only grows."""
    for reason in (*NOT_GRANTED.values(), *BEYOND_THE_HANDLERS.values()):
        assert len(reason.split()) >= 4
