"""Keeps what is deployed now, so that `make rollback` can put it back.

    python -m operations.previous --stage prod

The template and the parameters are CloudFormation's own, and the template names its packages in
S3; so the way back needs no git and no build.
"""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from .project import ROOT
from .stages import check_place, stack_name
from .told import told

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# At once: when the new version is broken, a gradual deployment would only prolong it.
OVERRIDES = {"GradualDeployment": "false"}


def files(stage: str) -> tuple[Path, Path]:
    """Return where template and parameters of *stage* are kept."""
    folder = ROOT / ".local" / "previous"
    return folder / f"{stage}.yaml", folder / f"{stage}-parameters.yaml"


def read(formation: "CloudFormationClient", stack: str) -> tuple[str, dict[str, str]] | None:
    """Return template and parameters of *stack* as it is; None if it is not deployed."""
    try:
        described = formation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    if described["StackStatus"] == "REVIEW_IN_PROGRESS":  # a plan, and never a deployment
        return None
    body: Any = formation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    # For a parameter of an SSM type the stack may return the value, not the name: leave it out.
    summary = formation.get_template_summary(StackName=stack)["Parameters"]
    plain = {each["ParameterKey"] for each in summary if "SSM" not in each["ParameterType"]}
    parameters = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in described.get("Parameters", [])
        if each["ParameterKey"] in plain
    }
    return body if isinstance(body, str) else json.dumps(body), parameters


def main() -> None:
    """Keep the stage's stack, or forget what was kept when there is none."""
    parser = argparse.ArgumentParser(prog="previous", description="Keep what is deployed now.")
    parser.add_argument("--stage", required=True, help="the environment in samconfig.toml")
    stage = parser.parse_args().stage
    check_place(stage, os.environ)
    template, parameters = files(stage)
    with told():
        found = read(boto3.client("cloudformation"), stack_name(stage))
    if found is None:
        template.unlink(missing_ok=True)
        parameters.unlink(missing_ok=True)
        return
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text(found[0])
    known = {name: value for name, value in OVERRIDES.items() if name in found[1]}
    parameters.write_text(json.dumps(found[1] | known, indent=2) + "\n")


if __name__ == "__main__":
    main()
