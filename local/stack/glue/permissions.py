"""Extra IAM statements for actions that the emulator checks under other names than AWS."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

# AWS asks for the single action when a batch of it is called, and for the path's parameter.
ASKED_AS = {
    "sqs:ChangeMessageVisibility": {"Action": "sqs:ChangeMessageVisibilityBatch"},
    "sqs:DeleteMessage": {"Action": "sqs:DeleteMessageBatch"},
    "sqs:SendMessage": {"Action": "sqs:SendMessageBatch"},
    "ssm:GetParametersByPath": {"Resource": "*"},
}
TRANSLATION = "translated-for-the-emulator"


def translate_roles(iam: "IAMClient", roles: Iterable[str]) -> None:
    """Grant each of *roles* what it may do by its own policies also as the emulator asks for it."""
    for role in roles:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents: list[Any] = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in names
            if name != TRANSLATION
        ]
        granted = [one for document in documents for one in document["Statement"]]
        if statements := [translated for one in granted for translated in translations(one)]:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_role_policy(RoleName=role, PolicyName=TRANSLATION, PolicyDocument=document)
        elif TRANSLATION in names:
            iam.delete_role_policy(RoleName=role, PolicyName=TRANSLATION)


def translations(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield *statement* once for each of its actions that is asked for otherwise."""
    actions = statement["Action"]
    for action in [actions] if isinstance(actions, str) else actions:
        if action in ASKED_AS:
            unnamed = {key: value for key, value in statement.items() if key != "Sid"}
            yield unnamed | {"Action": action} | ASKED_AS[action]
