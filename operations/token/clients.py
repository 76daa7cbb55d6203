"""The clients of one stack, as SSM holds them."""

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from .entry import is_plain

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Parameter:
    """What SSM holds about one client, and in which version."""

    value: str
    version: int


@dataclass(frozen=True)
class Clients:
    """The parameters below one path, and whether their stack reads entries."""

    ssm: "SSMClient"
    path: str
    key_id: str
    reads_entries: bool

    @property
    def stage(self) -> str:
        """The stack's stage."""
        return self.path.split("/")[2]

    def all(self) -> dict[str, Parameter]:
        """Return what SSM holds, by client."""
        pages = self.ssm.get_paginator("get_parameters_by_path")
        return {
            found["Name"].rpartition("/")[2]: Parameter(found["Value"], found["Version"])
            for page in pages.paginate(Path=self.path, WithDecryption=True)
            for found in page["Parameters"]
        }

    def find(self, client: str) -> Parameter | None:
        """Return what SSM holds about *client*."""
        try:
            found = self.ssm.get_parameter(Name=self._name(client), WithDecryption=True)
        except self.ssm.exceptions.ParameterNotFound:
            return None
        return Parameter(found["Parameter"]["Value"], found["Parameter"]["Version"])

    def write(self, client: str, value: str, replaced: Parameter | None) -> None:
        """Write *value* in place of *replaced*."""
        key: dict[str, Any] = {"KeyId": self.key_id} if self.key_id else {}
        try:
            written = self.ssm.put_parameter(
                Name=self._name(client),
                Value=value,
                Type="SecureString",
                Overwrite=replaced is not None,
                **key,
            )
        except self.ssm.exceptions.ParameterAlreadyExists:
            sys.exit(f"Somebody else has just made {client}.")
        if replaced and written["Version"] != replaced.version + 1:
            sys.exit(
                f"Somebody else has changed {client} at the same time, and this has replaced it:"
                f" compare both in SSM's history of {self._name(client)}, and do one of them again."
            )

    def remove(self, client: str) -> None:
        """Delete what SSM holds about *client*."""
        self.ssm.delete_parameter(Name=self._name(client))

    def earlier_plain_values(self, client: str) -> list[str]:
        """Return the plain tokens that *client* has had, as far as SSM remembers them."""
        pages = self.ssm.get_paginator("get_parameter_history")
        return [
            version["Value"]
            for page in pages.paginate(Name=self._name(client), WithDecryption=True)
            for version in page["Parameters"]
            if is_plain(version["Value"])
        ]

    def _name(self, client: str) -> str:
        return parameter_name(self.path, client)


def parameter_name(path: str, client: str) -> str:
    """Return the name of the SSM parameter that holds what is known of *client*."""
    if not _CLIENT.fullmatch(client):
        sys.exit("A client is named with 1 to 63 of a-z, 0-9 and -, and begins with no hyphen.")
    return f"{path}/{client}"


def of_stack(name: str) -> Clients:
    """Return the clients of the stack *name* of the caller's account and region."""
    try:
        [stack] = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        region = boto3.Session().region_name
        sys.exit(f"There is no stack {name} in {region}: deploy it first, or name another.")
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    if "TokenParameterPath" not in outputs:
        sys.exit(f"The stack {name} is not one of Weir, or its first deployment is not over.")
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    return Clients(
        boto3.client("ssm"),
        outputs["TokenParameterPath"],
        parameters.get("KmsKeyArn", ""),
        outputs.get("ClientEntries") == "json",
    )
