"""Where a deployed stack is: on one machine by its file, in an account by its name."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

STACK_FILE = Path(os.environ.get("WEIR_FOLDER", ".local")) / "stack.json"
CLIENT = "smoke"


@dataclass(frozen=True)
class Deployed:
    """A stack that runs, and how to speak to it and to its AWS services."""

    api_url: str
    token: str
    bucket: str
    queue_url: str
    dead_letter_queue_url: str
    stack_name: str
    token_parameter_path: str
    session: boto3.Session
    endpoint_url: str | None

    def client(self, service: str) -> Any:
        """Return a boto3 client of *service* for where the stack is."""
        return self.session.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]


def read_stack(path: Path = STACK_FILE) -> dict[str, str]:
    """Return what `make up` wrote to *path*."""
    try:
        stack: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        raise SystemExit(
            f"{path} is not there: run make up, or name a deployed stack with STACK_NAME=..."
        ) from None
    return stack


def on_this_machine() -> Deployed:
    """Return the stack that `make up` started."""
    stack = read_stack()
    try:
        return Deployed(
            api_url=stack["api_url"],
            token=stack["token"],
            bucket=stack["bucket"],
            queue_url=stack["queue_url"],
            dead_letter_queue_url=stack["dead_letter_queue_url"],
            stack_name=stack["stack_name"],
            token_parameter_path=stack["token_parameter_path"],
            session=boto3.Session(
                stack["access_key_id"], stack["secret_access_key"], region_name=stack["region"]
            ),
            endpoint_url=stack["endpoint_url"],
        )
    except KeyError as missing:
        raise SystemExit(
            f"{STACK_FILE} says nothing of {missing}: another version of Weir wrote it. Bring the"
            " stack up to date: make up"
        ) from None


def outputs(formation: "CloudFormationClient", stack_name: str) -> dict[str, str]:
    """Return the outputs of the stack *stack_name* by key."""
    stack = formation.describe_stacks(StackName=stack_name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def own_address(outputs: dict[str, str]) -> str:
    """Return where the stack with these *outputs* answers itself, wherever its domain leads.

    A stack of 0.1.0 tells nothing but `ApiUrl`.
    """
    return outputs.get("ApiEndpoint", outputs["ApiUrl"])


def shown_token(value: str) -> str:
    """Return the newest token of a client that Weir plays itself, from its parameter's *value*."""
    if not value.lstrip().startswith("{"):
        return value
    return str(json.loads(value)["tokens"][-1]["token"])


def in_an_account(stack_name: str) -> Deployed:
    """Return the stack *stack_name* of the caller's account and region, by its outputs.

    The token is that of the client `smoke`, which `make token CLIENT=smoke` makes.
    """
    session = boto3.Session()
    found = outputs(session.client("cloudformation"), stack_name)
    ssm = session.client("ssm")
    name = f"{found['TokenParameterPath']}/{CLIENT}"
    try:
        parameter = ssm.get_parameter(Name=name, WithDecryption=True)
    except ssm.exceptions.ParameterNotFound:
        raise SystemExit(
            f"{stack_name} has no client {CLIENT}, which this command speaks as:"
            f" make token CLIENT={CLIENT} STAGE={found['TokenParameterPath'].split('/')[2]}"
        ) from None
    return Deployed(
        api_url=own_address(found),
        token=shown_token(parameter["Parameter"]["Value"]),
        bucket=found["MessageBucketName"],
        queue_url=found["MessageQueueUrl"],
        dead_letter_queue_url=found["DeadLetterQueueUrl"],
        stack_name=stack_name,
        token_parameter_path=found["TokenParameterPath"],
        session=session,
        endpoint_url=None,
    )


def find(stack_name: str) -> Deployed:
    """Return the stack *stack_name*, or the one on this machine when no name is given."""
    return in_an_account(stack_name) if stack_name else on_this_machine()
