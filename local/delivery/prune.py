"""Deletes the versions of a stack's functions that nothing uses any more.

    python -m local.delivery.prune --stage dev

Every deployment publishes a version and CloudFormation keeps the old ones, so that an alias can go
back; without an end to it they fill the account's quota of code.
"""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3

from .stages import stack_name

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient

KEPT = 5


def functions(formation: "CloudFormationClient", stack: str) -> Iterator[str]:
    """Yield the names of the functions of *stack*."""
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                yield resource["PhysicalResourceId"]


def unused(client: "LambdaClient", function: str) -> list[str]:
    """Return the versions of *function* that are neither among the newest nor behind an alias."""
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    numbers = [version["Version"] for page in pages for version in page["Versions"]]
    published = sorted((int(each) for each in numbers if each != "$LATEST"), reverse=True)
    aliased: set[str] = set()
    for alias in client.list_aliases(FunctionName=function)["Aliases"]:
        shares = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        aliased |= {alias["FunctionVersion"], *shares}
    return [str(number) for number in published[KEPT:] if str(number) not in aliased]


def main() -> None:
    """Delete what is unused, and say what was deleted."""
    parser = argparse.ArgumentParser(prog="prune", description="Delete old versions.")
    parser.add_argument("--stage", required=True, help="the environment in samconfig.toml")
    client = boto3.client("lambda")
    stack = stack_name(parser.parse_args().stage)
    for function in functions(boto3.client("cloudformation"), stack):
        for version in unused(client, function):
            client.delete_function(FunctionName=function, Qualifier=version)
            print(f"deleted version {version} of {function}")


if __name__ == "__main__":
    main()
