"""The real `sam build` and `sam deploy` of the project's template, against the emulator."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml

from operations.deployed import outputs
from operations.project import SAM
from operations.stages import of_stage

from .glue.event_sources import set_concurrency
from .glue.permissions import translate_roles
from .glue.refused_types import leave_out
from .glue.routes import authorizers_of, make_routes, routes_of
from .local_stack import HOST, REGION, LocalStack, StackError
from .processes import Service
from .synced_code import put_back

ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
STAGE = "local"
# The template asks SSM for Amazon Linux's newest image; the emulator has no public parameters,
# and no target is made here, so any name of an image will do.
IMAGE_PARAMETER = f"/weir/{STAGE}/image"
LAST_LINES = 25


def build(stack: LocalStack) -> Path:
    """Build the functions for this machine's processor; return the built template."""
    folder = stack.folder / "build"
    run_sam(
        stack,
        ["build", "--build-dir", str(folder), f"--parameter-overrides=Architecture={ARCHITECTURE}"],
        stack.build_environment(),
    )
    return folder / "template.yaml"


def prepare(built: Path) -> tuple[Path, dict[str, str]]:
    """Write the *built* template without what the emulator refuses; return it and what that is."""
    template = yaml.safe_load(built.read_text())
    left_out = leave_out(template)
    prepared = built.with_name("one-machine.yaml")
    prepared.write_text(yaml.safe_dump(template, sort_keys=False))
    return prepared, left_out


def deploy(stack: LocalStack, template: Path, given: Mapping[str, str]) -> None:
    """Create or update the stack from *template*, with the parameters that were *given*."""
    boto3.client("ssm").put_parameter(
        Name=IMAGE_PARAMETER, Value="ami-00000000000000000", Type="String", Overwrite=True
    )
    declared = yaml.safe_load(template.read_text())["Parameters"]
    parameters = {
        # SAM keeps what a running stack has of every parameter that it is not given.
        **{name: str(one["Default"]) for name, one in declared.items() if "Default" in one},
        "ProbeTargets": ",".join(f"{HOST}:{port}" for port in stack.target_ports),
        "CanaryAddress": stack.api_url,
        **given,
        "Stage": STAGE,
        "Architecture": ARCHITECTURE,
        "AwsEndpointUrl": stack.endpoint_url,
        "TargetImageId": IMAGE_PARAMETER,
    }
    run_sam(
        stack,
        [
            *("deploy", *of_stage(STAGE), "--template-file", str(template), "--region", REGION),
            *("--parameter-overrides", *(as_override(*pair) for pair in parameters.items())),
        ],
        os.environ,
    )


def as_override(name: str, value: str) -> str:
    """Return a parameter as SAM reads it, which cuts at white space outside of quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


def complete(name: str) -> dict[str, Any]:
    """Put the glue to the deployed stack *name*; return where its parts are."""
    formation = boto3.client("cloudformation")
    found = outputs(formation, name)
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [item for page in pages for item in page["StackResourceSummaries"]]
    physical_ids = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}
    physical_ids |= {"AWS::Region": REGION, "AWS::Partition": "aws", "AWS::StackName": name}
    functions = boto3.client("lambda")
    physical_ids |= {
        f"{item['LogicalResourceId']}.Arn": functions.get_function_configuration(
            FunctionName=item["PhysicalResourceId"]
        )["FunctionArn"]
        for item in resources
        if item["ResourceType"] == "AWS::Lambda::Function"
    }

    template = formation.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    body = template["Resources"]["HttpApi"]["Properties"]["Body"]
    api_id = physical_ids["HttpApi"]
    make_routes(
        boto3.client("apigatewayv2"),
        api_id,
        routes_of(body, physical_ids),
        authorizers_of(body, physical_ids),
    )
    set_concurrency(functions)
    synced = put_back(functions, boto3.client("s3"), template["Resources"], physical_ids)
    translate_roles(
        boto3.client("iam"),
        [
            item["PhysicalResourceId"]
            for item in resources
            if item["ResourceType"] == "AWS::IAM::Role"
        ],
    )
    return {
        "stack_name": name,
        "api_id": api_id,
        "bucket": found["MessageBucketName"],
        "queue_url": found["MessageQueueUrl"],
        "dead_letter_queue_url": found["DeadLetterQueueUrl"],
        "token_parameter_path": found["TokenParameterPath"],
        "synced": synced,
    }


def save_logs(file: Path) -> None:
    """Write down what the functions have logged, as it ends with the emulator."""
    logs = boto3.client("logs")
    with file.open("w") as output:
        for groups in logs.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                name = group["logGroupName"]
                print(f"==> {name}", file=output)
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                    for event in page["events"]:
                        print(event["message"], file=output)


def run_sam(stack: LocalStack, arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run SAM with its output in a log; if it fails, its last lines are the error."""
    service = Service(f"sam-{arguments[0]}", stack.folder)
    if service.run([*SAM, *arguments], environment):
        lines = service.log.read_text(errors="replace").split("\n")
        # A rollback is long, and the reason stands before it.
        reason = next((at for at, line in enumerate(lines) if "_FAILED" in line), len(lines))
        lines = lines[min(reason, max(0, len(lines) - LAST_LINES)) :]
        raise StackError(
            "\n".join([f"sam {arguments[0]} failed; the end of {service.log}:", *lines])
        )
