"""The process that expands and lints templates, as the tests talk to it."""

import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Self

from operations.project import ROOT
from tests.template.deployment import Deployment

TEMPLATE = ROOT / "template.yaml"
PYTHON = ROOT / ".venv-sam/bin/python"


def given_by_samconfig(environment: str) -> dict[str, str]:
    """Return the parameters that samconfig.toml gives in *environment*."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(override.split("=", 1) for override in overrides)


# The deployments that every rule is checked on: as small as it gets, with all that protects, with
# what a user may bring along, with targets made otherwise, in another partition, and with more of
# what may be switched on. test_promises holds them to giving each parameter a value of its own
# somewhere, and to having no two of the template's conditions true in the same ones.
DEPLOYMENTS: dict[str, dict[str, Any]] = {
    "dev": given_by_samconfig("dev"),
    "prod": given_by_samconfig("prod"),
    "own": {
        "KmsKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444",
        "AlarmEmail": "someone@example.com",
        "CanaryAddress": "http://127.0.0.1:8080",
        "ProbeTargets": "10.0.0.1:443,10.0.1.1:443",
        "ProbeSubnetIds": "subnet-1,subnet-2",
        "ProbeSecurityGroupIds": "sg-1",
        "ExpireAfterInDays": "400",
        "StoredEvents": "true",
        "BatchingWindowInSeconds": "20",
    },
    "elsewhere": {
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": "111122223333",
        "AWS::StackName": "some-where",
        "TargetImageId": "/other/image",
        "Stage": "elsewhere",
        "StorageLayout": "batch",
        "ValidatorConcurrency": "44",
        "BackupRetentionInDays": "35",
        "ProbeZone": "eu-central-1c",
        "OtherZone": "eu-central-1a",
        "TargetPort": "7007",
        "TargetInstanceType": "t4g.micro",
        "Tracing": "PassThrough",
        "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/2",
        "AlarmEmail": "other@example.com",
        "MonthlyBudget": "50",
        "CanaryAddress": "http://127.0.0.1:8081",
    },
    "abroad": {
        "AWS::Region": "cn-north-1",
        "AWS::Partition": "aws-cn",
        "AWS::URLSuffix": "amazonaws.com.cn",
        "AWS::AccountId": "210987654321",
        "AWS::StackName": "another",
        "AWS::StackId": "arn:aws-cn:cloudformation:cn-north-1:210987654321:stack/another/"
        "33333333-dddd-eeee-ffff-444444444444",
        "Stage": "abroad",
        "Architecture": "x86_64",
        "GradualDeployment": "true",
        "AwsEndpointUrl": "http://127.0.0.1:4566",
        "RequestsPerSecond": "333",
        "RequestBurst": "444",
        "ValidatorConcurrency": "55",
        "DefaultContract": "four-fields",
        "UploaderConcurrency": "6",
        "BatchingWindowInSeconds": "7",
        "KeysAlsoInMessageBucket": "false",
        "Canary": "true",
        "LogRetentionInDays": "90",
        "KmsKeyArn": "arn:aws-cn:kms:cn-north-1:210987654321:key/55555555-6666-7777-8888",
        "ArchiveAfterInDays": "88",
        "BackupRetentionInDays": "99",
        "ProbeTargets": "10.1.0.1:443",
        "ProbeMethod": "auto",
        "VpcCidr": "10.1.0.0/20",
        "TargetPort": "7008",
        "TargetImageId": "/own/image",
    },
    "more": {
        "Stage": "more",
        "AlarmEmail": "third@example.com",
        "DomainName": "messages.example.com",
        "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/11111111",
        "ExpireAfterInDays": "77",
        "ValidatorConcurrency": "66",
        "Canary": "true",
        "ProbeZone": "eu-central-1b",
        "OtherZone": "eu-central-1c",
        "QueryLimitInBytes": "20000000",
    },
}


class RefusedTemplateError(Exception):
    """SAM cannot read or translate the template, so nobody can deploy it."""


class Translator:
    """Expands and lints templates in the environment of the SAM command line."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("expansion.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "AWS_DEFAULT_REGION": "eu-central-1"},
        )

    def deployment(self, template: str, name: str) -> Deployment:
        """Expand *template* for one of DEPLOYMENTS; raise RefusedTemplateError if that fails."""
        given = DEPLOYMENTS[name]
        answer = self._ask(task="expand", template=template, parameters=given)
        return Deployment(answer["source"], answer["expanded"], given)

    def expanded(self, source: dict[str, Any], name: str) -> dict[str, Any]:
        """Expand a parsed template, *source*, for one of DEPLOYMENTS."""
        answer = self._ask(task="expand", source=source, parameters=DEPLOYMENTS[name])
        found: dict[str, Any] = answer["expanded"]
        return found

    def parsed(self, template: str, given: dict[str, str]) -> Deployment:
        """Read a *template* of plain CloudFormation as deployed with the parameters *given*."""
        source = self._ask(task="parse", template=template)["source"]
        return Deployment(source, source, given)

    def registry(self, types: set[str]) -> dict[str, Any]:
        """Return what AWS says of resource *types*, and which resources each action takes."""
        return self._ask(task="registry", template="{}", types=sorted(types))

    def regions(self, kind: str) -> list[str]:
        """Return the regions that have resources of *kind*."""
        found: list[str] = self._ask(task="regions", template="{}", type=kind)["regions"]
        return found

    def lint(self, template: str) -> list[str]:
        """Return what cfn-lint finds in *template* and in its expansion."""
        findings: list[str] = self._ask(task="lint", template=template)["findings"]
        return findings

    def schemas(self, types: set[str]) -> dict[str, Any]:
        """Return the schema that CloudFormation's registry, or SAM, has of resource *types*."""
        return self._ask(task="schemas", template="{}", types=sorted(types))

    def _ask(self, **request: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RefusedTemplateError(answer["error"])
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()
