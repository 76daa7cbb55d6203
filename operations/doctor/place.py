"""Where the doctor looks: account, region and stack, and the parameters that count."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..project import ROOT
from .answer import CouldNotLookError

# A call that is not answered soon is not answered: at most twice these seconds for each.
TIMES = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
ABSENT = {"NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException", "NotFoundException"}
ABSENT |= {"NoSuchResourceException", "ParameterNotFound", "NoSuchResource", "NotFound"}


class AbsentError(Exception):
    """AWS answered that what was asked for is not there."""


class TemplateLoader(yaml.SafeLoader):
    """Reads a template; of CloudFormation's short tags it keeps what they hold."""


def _held(loader: TemplateLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 (there is no fourth kind)
    return loader.construct_mapping(node, deep=True)


TemplateLoader.add_multi_constructor("!", _held)


@cache
def template() -> Mapping[str, Any]:
    """Return template.yaml."""
    found: Mapping[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)  # noqa: S506
    return found


def given(stage: str) -> dict[str, str]:
    """Return the parameters that samconfig.toml gives to *stage*."""
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = stages[stage]["deploy"]["parameters"].get("parameter_overrides", [])
    words = overrides.split() if isinstance(overrides, str) else overrides
    return dict(word.split("=", 1) for word in words)


@dataclass(frozen=True)
class Place:
    """One stack in one account and region, deployed or not."""

    stage: str
    stack_name: str
    session: boto3.Session
    endpoint_url: str | None = None
    times: Config = TIMES
    wanted: Mapping[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False)

    @property
    def region(self) -> str:
        """The region of the stack."""
        return str(self.session.region_name)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """What the next deployment is given: defaults, what samconfig.toml says, or the stack's.

        A stage without parameters in samconfig.toml is deployed as it was before.
        """
        defaults = {
            name: str(each.get("Default", "")) for name, each in template()["Parameters"].items()
        }
        return defaults | dict(self.wanted or self.deployed)

    @cached_property
    def stack(self) -> Mapping[str, Any] | None:
        """What CloudFormation says of the stack; None if it is not deployed."""
        try:
            found = self.ask("cloudformation", "describe_stacks", StackName=self.stack_name)
        except AbsentError:
            return None
        stack: Mapping[str, Any] = found["Stacks"][0]
        return None if stack["StackStatus"] == "REVIEW_IN_PROGRESS" else stack

    @property
    def deployed(self) -> dict[str, str]:
        """The parameters with which the stack is deployed."""
        found = (self.stack or {}).get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in found}

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the deployed stack."""
        found = (self.stack or {}).get("Outputs", [])
        return {each["OutputKey"]: each["OutputValue"] for each in found}

    def physical(self, logical_id: str, stack_name: str = "") -> str:
        """Return the physical id of a resource; raise `AbsentError` if the stack has none."""
        found = self.ask(
            "cloudformation",
            "describe_stack_resource",
            StackName=stack_name or self.stack_name,
            LogicalResourceId=logical_id,
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def ask(self, service: str, operation: str, region: str = "", **request: Any) -> dict[str, Any]:
        """Return AWS's answer, all pages of it.

        Raise `AbsentError` if AWS says that it is not there, and `CouldNotLookError` for every
        other failure: an account that may not look, or a service that does not answer, is not fine.
        """
        client = self._client(service, region or self.region)
        call = f"{service}:{client.meta.method_to_api_mapping[operation]}"
        try:
            if client.can_paginate(operation):
                return dict(client.get_paginator(operation).paginate(**request).build_full_result())
            return dict(getattr(client, operation)(**request))
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            message = error.response["Error"].get("Message", "")
            if code in ABSENT or re.search(r"does not exist", message):
                raise AbsentError(f"{call}: {message}") from None
            raise CouldNotLookError(call, code or "an error without a code") from None
        except (BotoCoreError, ValueError) as error:
            raise CouldNotLookError(call, type(error).__name__) from None

    def _client(self, service: str, region: str) -> Any:
        """Return the client of *service*; making one takes longer than most calls."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.session.client(  # type: ignore[call-overload]
                service, region_name=region, endpoint_url=self.endpoint_url, config=self.times
            )
        return self._clients[service, region]
