"""An account and a stack in which nothing is wrong, as AWS would describe them."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tests.unit.operations.doctor.recorded import Answer

ACCOUNT, REGION, STACK = "123456789012", "eu-central-1", "weir-dev"
ARN = f"arn:aws:iam::{ACCOUNT}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:weir-dev-AlarmTopic"
EMAIL = "you@example.com"
SUBJECT = "repo:acme@12/weir@34:environment:dev"
PROVIDER = f"{ARN}:oidc-provider/token.actions.githubusercontent.com"
TOKENS = "/weir/dev/tokens"


def zone(letter: str, number: int) -> dict[str, str]:
    """Return a zone of the region."""
    return {"ZoneName": f"{REGION}{letter}", "ZoneId": f"euc1-az{number}"}


def stacks(**stack: Any) -> dict[str, Any]:
    """Return the deployed stack, with what *stack* says of it."""
    described = {
        "StackName": STACK,
        "CreationTime": "2026-11-01T00:00:00Z",
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [
            {"OutputKey": "AlarmTopicArn", "OutputValue": TOPIC},
            {"OutputKey": "TokenParameterPath", "OutputValue": TOKENS},
        ],
        "Parameters": [],
    }
    return {"Stacks": [described | stack]}


def role(subject: str) -> dict[str, Any]:
    """Return the role of the pipeline, as IAM stores it: a policy in URL-encoded JSON."""
    policy = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": subject,
                    }
                },
            }
        ]
    }
    return {
        "Role": {
            "Path": "/",
            "RoleName": "weir-pipeline-dev-PipelineRole",
            "RoleId": "AROAEXAMPLEEXAMPLE",
            "Arn": f"{ARN}:role/weir-pipeline-dev-PipelineRole",
            "CreateDate": "2026-11-01T00:00:00Z",
            "AssumeRolePolicyDocument": quote(json.dumps(policy)),
        }
    }


def quota(code: str, value: float) -> dict[str, Any]:
    """Return a quota of the account."""
    return {"Quota": {"QuotaCode": code, "Value": value}}


def resource(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource that is asked for, named as CloudFormation does."""
    asked = params["body"]
    return {
        "StackResourceDetail": {
            "LogicalResourceId": asked["LogicalResourceId"],
            "PhysicalResourceId": f"{asked['StackName']}-{asked['LogicalResourceId']}",
            "ResourceType": "AWS::IAM::Role",
            "LastUpdatedTimestamp": "2026-11-01T00:00:00Z",
            "ResourceStatus": "CREATE_COMPLETE",
        }
    }


def answers() -> dict[str, Answer]:
    """Return what AWS answers where nothing is wrong."""
    return {
        "sts:GetCallerIdentity": {"Account": ACCOUNT, "Arn": f"{ARN}:user/you", "UserId": "AIDA"},
        "cloudformation:DescribeStacks": stacks(),
        "cloudformation:DescribeStackResource": resource,
        "ec2:DescribeAvailabilityZones": {"AvailabilityZones": [zone("a", 2), zone("b", 3)]},
        "ec2:DescribeInstanceTypeOfferings": {
            "InstanceTypeOfferings": [
                {"InstanceType": "t4g.nano", "Location": f"{REGION}a"},
                {"InstanceType": "t4g.nano", "Location": f"{REGION}b"},
            ]
        },
        "freetier:GetAccountPlanState": {
            "accountId": ACCOUNT,
            "accountPlanType": "PAID",
            "accountPlanStatus": "NOT_STARTED",
        },
        "service-quotas:GetServiceQuota": quota("L-1216C47A", 16),
        "ssm:GetParameter": {"Parameter": {"Name": "image", "Value": "ami-1"}},
        "ec2:DescribeImages": {"Images": [{"ImageId": "ami-1", "Architecture": "arm64"}]},
        "lambda:GetAccountSettings": {
            "AccountLimit": {
                "ConcurrentExecutions": 1000,
                "UnreservedConcurrentExecutions": 1000,
            }
        },
        "iam:GetRole": role(SUBJECT),
        "iam:ListOpenIDConnectProviders": {"OpenIDConnectProviderList": [{"Arn": PROVIDER}]},
        "sns:ListSubscriptionsByTopic": {
            "Subscriptions": [
                {"SubscriptionArn": f"{TOPIC}:1", "Endpoint": EMAIL, "TopicArn": TOPIC}
            ]
        },
        "ssm:DescribeParameters": {
            "Parameters": [{"Name": f"{TOKENS}/smoke"}, {"Name": f"{TOKENS}/acme"}]
        },
    }
