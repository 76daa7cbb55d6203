"""Where a deployed stack's tables are, by the stack's name."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import boto3

from ..deployed import outputs
from ..stages import ON_THIS_MACHINE

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient


class Place(NamedTuple):
    """Where a stack's tables are asked."""

    client: "AthenaClient"
    database: str
    workgroup: str


def place_of(stack_name: str) -> Place:
    """Return the place of the stack *stack_name* of the caller's account and region."""
    client: AthenaClient = boto3.client("athena")
    if urlsplit(client.meta.endpoint_url).hostname in ON_THIS_MACHINE:
        raise SystemExit(
            "AWS_ENDPOINT_URL leads to this machine, whose emulator rounds numbers in its Athena."
            " Ask the one-machine stack without STACK_NAME, or open a new shell."
        )
    found = outputs(boto3.client("cloudformation"), stack_name)
    try:
        return Place(client, found["DatabaseName"], found["QueryWorkGroupName"])
    except KeyError:
        raise SystemExit(
            f"{stack_name} has no tables: another version of Weir made it. Deploy this one first:"
            " make build deploy"
        ) from None
