"""A plan: what a deployment would change, as a table that fits into a pull request.

    python -m operations.plan --stage dev [options of sam deploy]

The change set is made by `sam deploy`, read, and deleted; nothing is executed.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3

from .project import ROOT, SAM
from .stages import check_place, of_stage, stack_name
from .told import told

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ResourceChangeTypeDef

PLAN = ROOT / ".local" / "plan.md"


def newest_change_set(formation: "CloudFormationClient", stack: str) -> str | None:
    """Return the change set of *stack* that `sam deploy` made last, if there is one."""
    pages = formation.get_paginator("list_change_sets").paginate(StackName=stack)
    found = [
        summary
        for page in pages
        for summary in page["Summaries"]
        if summary["ChangeSetName"].startswith("samcli-deploy")
    ]
    return max(found, key=lambda each: each["CreationTime"])["ChangeSetId"] if found else None


def changes(formation: "CloudFormationClient", name: str) -> Iterator["ResourceChangeTypeDef"]:
    """Yield the changes of the change set *name*."""
    for page in formation.get_paginator("describe_change_set").paginate(ChangeSetName=name):
        for change in page["Changes"]:
            yield change["ResourceChange"]


def severity(change: "ResourceChangeTypeDef") -> tuple[int, str]:
    """Order a change by what it may cost: removed, replaced, modified, added."""
    replaced = change.get("Replacement") == "True"
    rank = 1 if replaced else {"Remove": 0, "Modify": 2}.get(change["Action"], 3)
    return rank, change["LogicalResourceId"]


def table(stack: str, found: list["ResourceChangeTypeDef"]) -> str:
    """Return the plan as Markdown, what is replaced or removed first."""
    if not found:
        return f"### Plan for `{stack}`\n\nNothing would change.\n"
    lines = [f"### Plan for `{stack}`", "", "| Action | Resource | Type | Replaced |"]
    lines.append("|---|---|---|---|")
    lines += [
        f"| {change['Action']} | `{change['LogicalResourceId']}` | {change['ResourceType']}"
        f" | {change.get('Replacement', '-')} |"
        for change in sorted(found, key=severity)
    ]
    return "\n".join(lines) + "\n"


def warnings(formation: "CloudFormationClient", name: str) -> str:
    """Return what the parameters of the change set *name* leave undone, as Markdown."""
    described = formation.describe_change_set(ChangeSetName=name).get("Parameters", [])
    given = {each["ParameterKey"]: each.get("ParameterValue", "") for each in described}
    if given.get("AlarmEmail"):
        return ""
    return (
        "\n**Alarms reach nobody by e-mail.** Give `AlarmEmail=...` in samconfig.toml,"
        " or subscribe something to the output `AlarmTopicArn`.\n"
    )


def main() -> None:
    """Make the change set, write the plan to .local/plan.md and show it."""
    parser = argparse.ArgumentParser(prog="plan", description="Show what a deployment changes.")
    parser.add_argument("--stage", required=True, help="the environment in samconfig.toml")
    arguments, options = parser.parse_known_args()
    stack = stack_name(arguments.stage)
    check_place(arguments.stage, os.environ)
    with told():
        make_plan(arguments.stage, stack, options)


def make_plan(stage: str, stack: str, options: list[str]) -> None:
    """Make the change set of *stage*, and show what is in it."""
    formation = boto3.client("cloudformation")
    command = [*SAM, "deploy", *of_stage(stage), "--no-execute-changeset", *options]
    made = subprocess.run(command, cwd=ROOT, check=False)
    if made.returncode:
        sys.exit(made.returncode)
    name = newest_change_set(formation, stack)
    plan = table(stack, list(changes(formation, name)) if name else [])
    if name:
        plan += warnings(formation, name)
        formation.delete_change_set(ChangeSetName=name)
    PLAN.parent.mkdir(exist_ok=True)
    PLAN.write_text(plan)
    print(plan)


if __name__ == "__main__":
    main()
