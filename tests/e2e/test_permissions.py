"""Every role has what its function needs, because the one-machine stack enforces it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}


@contextmanager
def without_action(iam: Any, role: str, action: str) -> Iterator[None]:
    """Take *action* from every statement of the inline policies of *role*, for a while."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    before = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in names
    }
    for name, document in before.items():
        statements = [dict(statement) for statement in document["Statement"]]
        for statement in statements:
            actions = statement["Action"]
            kept = [
                one for one in ([actions] if isinstance(actions, str) else actions) if one != action
            ]
            statement["Action"] = kept or "none:None"
        put(iam, role, name, {**document, "Statement": statements})
    try:
        yield
    finally:
        for name, document in before.items():
            put(iam, role, name, document)


def put(iam: Any, role: str, name: str, document: dict[str, Any]) -> None:
    """Write one inline policy of *role*."""
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def physical_id(aws: Callable[[str], Any], stack: dict[str, str], logical_id: str) -> str:
    """Return the name that CloudFormation gave the resource *logical_id*."""
    found = aws("cloudformation").describe_stack_resource(
        StackName=stack["stack_name"], LogicalResourceId=logical_id
    )
    identifier: str = found["StackResourceDetail"]["PhysicalResourceId"]
    return identifier


def test_uploader_without_leave_to_write_fails_and_loses_nothing(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """A missing permission shows on one machine, and the message waits until it is given."""
    role = physical_id(aws, one_machine, "UploaderRole")
    log_group = physical_id(aws, one_machine, "UploaderLogGroup")
    logs, sqs, queue_url = aws("logs"), aws("sqs"), one_machine["queue_url"]
    asked = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["VisibilityTimeout"])
    started = int(time.time() * 1000)

    def refusals() -> list[Any]:
        found = logs.filter_log_events(
            logGroupName=log_group, filterPattern='"AccessDenied"', startTime=started
        )
        return list(found["events"])

    # Else the message would be tried again only after the six minutes that suit the cloud.
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"VisibilityTimeout": "2"})
    try:
        with without_action(aws("iam"), role, "s3:PutObject"):
            sent = {"token": one_machine["token"], "data": MESSAGE}
            receipt = call("POST", "/messages/timestamped", sent).json()

            assert eventually(refusals, within_seconds=20)
            assert stored("timestamped", receipt["message_id"]) == []
        found = eventually(lambda: stored("timestamped", receipt["message_id"]), within_seconds=30)
    finally:
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes=asked["Attributes"])

    assert [json.loads(content) for content in found] == [MESSAGE]
