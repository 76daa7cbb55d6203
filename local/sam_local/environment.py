"""The env file of `sam local`: what the deployed functions have, as a container reaches it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient

LOOPBACK = "127.0.0.1"
# Docker's name for the machine that it runs on.
MACHINE = "host.docker.internal"

Variables = dict[str, str]


def as_seen_in_a_container(variables: Mapping[str, str]) -> Variables:
    """Return *variables* with the machine's loopback addresses replaced by its name."""
    return {name: value.replace(LOOPBACK, MACHINE) for name, value in variables.items()}


def variables_of_functions(
    formation: "CloudFormationClient", client: "LambdaClient", stack_name: str
) -> dict[str, Variables]:
    """Return every variable of each function of the stack, by its logical id.

    `sam local` knows parameters, but not what a reference to a deployed resource became.
    """
    found = {}
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    for page in pages:
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                name = resource["PhysicalResourceId"]
                deployed = client.get_function_configuration(FunctionName=name)
                variables = deployed["Environment"]["Variables"]
                found[resource["LogicalResourceId"]] = as_seen_in_a_container(variables)
    return found


def write(path: Path, functions: Mapping[str, Variables]) -> None:
    """Write *functions* as `sam local --env-vars` reads them."""
    path.write_text(json.dumps(functions, indent=2) + "\n")
