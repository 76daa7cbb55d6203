"""What whoever operates a stack on one machine can do to it, beyond what its users can."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

from local.stack.glue.permissions import TRANSLATION, translate_roles


class Permission(NamedTuple):
    """One action of one statement of one role's policy."""

    role: str
    sid: str
    action: str


class Operator:
    """Looks into the stack, and changes it for a while."""

    def __init__(self, stack: Mapping[str, str], aws: Callable[[str], Any]) -> None:
        self.stack = stack
        self.aws = aws

    @cached_property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Return type and physical id of each resource by its logical id."""
        pages = self.aws("cloudformation").get_paginator("list_stack_resources")
        return {
            item["LogicalResourceId"]: (item["ResourceType"], item["PhysicalResourceId"])
            for page in pages.paginate(StackName=self.stack["stack_name"])
            for item in page["StackResourceSummaries"]
        }

    def physical_id(self, logical_id: str) -> str:
        """Return the name that CloudFormation gave the resource *logical_id*."""
        return self.resources[logical_id][1]

    def invoke(self, function: str, event: object) -> dict[str, Any]:
        """Return what the newest code of *function* answers; a failure has `errorMessage`."""
        answer = self.aws("lambda").invoke(
            FunctionName=self.physical_id(function), Payload=json.dumps(event)
        )
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        return payload

    def renew(self, function: str) -> None:
        """Let the next invocation of *function* find an execution environment of no memory."""
        functions, name = self.aws("lambda"), self.physical_id(function)
        found = functions.get_function_configuration(FunctionName=name)
        # Lambda starts again after any update, also after one that changes nothing.
        functions.update_function_configuration(FunctionName=name, Timeout=found["Timeout"])

    def logged(self, log_group: str, words: str, since: float) -> bool:
        """Return whether *log_group* has a line with *words* that is not older than *since*."""
        found = self.aws("logs").filter_log_events(
            logGroupName=self.physical_id(log_group),
            filterPattern=f'"{words}"',
            startTime=int(since * 1000),
        )
        return bool(found["events"])

    def permissions(self) -> set[Permission]:
        """Return every action that the roles of the stack are granted."""
        iam = self.aws("iam")
        roles = [name for name, (kind, _) in self.resources.items() if kind == "AWS::IAM::Role"]
        return {
            Permission(role, statement.get("Sid", ""), action)
            for role in roles
            for document in policies(iam, self.physical_id(role)).values()
            for statement in document["Statement"]
            for action in actions_of(statement)
        }

    @contextmanager
    def without(self, *permissions: Permission) -> Iterator[None]:
        """Take *permissions* away, and give them back whatever happens."""
        iam = self.aws("iam")
        roles = {self.physical_id(permission.role) for permission in permissions}
        before = {role: policies(iam, role) for role in roles}
        taken = {(self.physical_id(role), sid, action) for role, sid, action in permissions}
        try:
            for role, documents in before.items():
                for name, document in documents.items():
                    put(iam, role, name, less(document, role, taken))
            yield
        finally:
            for role, documents in before.items():
                for name, document in documents.items():
                    put(iam, role, name, document)

    @contextmanager
    def impatient_queue(self, seconds: int = 2) -> Iterator[None]:
        """Let messages come again soon, and not after the six minutes that suit the cloud."""
        sqs, url = self.aws("sqs"), self.stack["queue_url"]
        asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=asked["Attributes"])


def policies(iam: Any, role: str) -> dict[str, dict[str, Any]]:
    """Return the inline policies of *role*, but for what is only the emulator's."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in names
        if name != TRANSLATION
    }


def put(iam: Any, role: str, name: str, document: dict[str, Any]) -> None:
    """Write one inline policy of *role*, and what the emulator makes of it."""
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    translate_roles(iam, [role])


def less(document: dict[str, Any], role: str, taken: set[tuple[str, str, str]]) -> dict[str, Any]:
    """Return *document* without the actions of *role* that are in *taken*."""
    statements = [
        statement
        | {
            "Action": [
                action
                for action in actions_of(statement)
                if (role, statement.get("Sid", ""), action) not in taken
            ]
            or "none:None"
        }
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """Return the actions of *statement*, also of one that names a single one."""
    actions: str | list[str] = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def now() -> float:
    """Return the time that log lines are stamped with."""
    return time.time()
