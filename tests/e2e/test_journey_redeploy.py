"""A second `make up` brings the running stack up to date and takes nothing away."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from operations.deployed import outputs
from operations.project import ROOT

EVENTS = "weir-events"
EMAIL = {
    "email_subject": "Heard",
    "email_sender": "somebody",
    "email_timestream": "1693561101",
    "email_content": "Somebody waits for this.",
}


def test_redeployment_keeps_address_token_and_messages(
    own_stack: Any, call: Callable[..., Any], stored: Callable[[str, str], list[str]]
) -> None:
    """Whoever works on the code deploys again and again, and goes on where they were."""
    if own_stack is None:
        pytest.skip("redeploys: only for a stack that the tests started")
    before = own_stack.summary()
    sent = {"token": before["token"], "data": {"a": "1", "b": "2", "c": "3", "d": "4"}}
    receipt = call("POST", "/messages/four-fields", sent).json()

    own_stack.run("up")

    assert own_stack.summary() == before
    assert stored("four-fields", receipt["message_id"])
    assert call("POST", "/messages/four-fields", sent).status == 202


@dataclass(frozen=True)
class Redeployed:
    """What a second `make up` with parameters showed and left, and the stack's rule of events."""

    shown: str
    kept: dict[str, str]
    synced_code: str
    running_code: str
    deployed_code: str
    queue_url: str


@pytest.fixture(scope="module")
def redeployed(own_stack: Any, aws: Callable[[str], Any]) -> Iterator[Redeployed]:
    """Sync code into a function, deploy with two parameters, and put everything back."""
    if own_stack is None:
        pytest.skip("redeploys: only for a stack that the tests started")
    functions, formation = aws("lambda"), aws("cloudformation")
    pages = functions.get_paginator("list_functions").paginate()
    names = [found["FunctionName"] for page in pages for found in page["Functions"]]
    (authorizer,) = [name for name in names if "-AuthorizerFunction-" in name]
    deployed = functions.get_function_configuration(FunctionName=authorizer)["CodeSha256"]
    synced = functions.update_function_code(FunctionName=authorizer, ZipFile=package())
    try:
        # Posts the samples, and finds them.
        shown = own_stack.run("up", "StorageLayout=batch", "StoredEvents=true")
        formation.create_stack(
            StackName=EVENTS,
            TemplateBody=documented_rule(),
            Parameters=[
                {
                    "ParameterKey": "MessageBucketName",
                    "ParameterValue": own_stack.summary()["bucket"],
                }
            ],
        )
        formation.get_waiter("stack_create_complete").wait(
            StackName=EVENTS, WaiterConfig={"Delay": 1}
        )
        yield Redeployed(
            shown=shown,
            kept=own_stack.summary()["parameters"],
            synced_code=synced["CodeSha256"],
            running_code=functions.get_function_configuration(FunctionName=authorizer)[
                "CodeSha256"
            ],
            deployed_code=deployed,
            queue_url=outputs(formation, EVENTS)["QueueUrl"],
        )
    finally:
        formation.delete_stack(StackName=EVENTS)
        back = own_stack.run("up", "StorageLayout=", "StoredEvents=")
        assert "/messages/contract=" in back
        assert own_stack.summary()["parameters"] == {}


def test_redeployment_takes_parameters(redeployed: Redeployed) -> None:
    """Both layouts can be tried."""
    assert "/batches/contract=email/dt=" in redeployed.shown
    assert redeployed.kept == {"StorageLayout": "batch", "StoredEvents": "true"}


def test_redeployment_replaces_synced_code(redeployed: Redeployed) -> None:
    """What `sam sync` left in a function never runs unnoticed."""
    assert redeployed.synced_code != redeployed.deployed_code == redeployed.running_code
    assert "in place of synced code: AuthorizerFunction" in redeployed.shown


def test_the_documented_rule_hears_of_its_contract_alone(
    redeployed: Redeployed,
    own_stack: Any,
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    eventually: Callable[..., Any],
) -> None:
    """Whoever waits for e-mails is not woken by anything else."""
    token, sqs = own_stack.summary()["token"], aws("sqs")
    other = {"token": token, "data": {"a": "1", "b": "2", "c": "3", "d": "4"}}
    assert call("POST", "/messages/four-fields", other).status == 202
    answer = call("POST", "/messages/email", {"token": token, "data": EMAIL})
    assert "Location" not in answer.headers

    def heard() -> list[Any]:
        found = sqs.receive_message(QueueUrl=redeployed.queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    events = eventually(heard, within_seconds=60) + heard()

    assert {event["detail-type"] for event in events} == {"Object Created"}
    for event in events:
        key = event["detail"]["object"]["key"]
        assert key.startswith("batches/contract=email/dt=")
        size = aws("s3").head_object(Bucket=event["detail"]["bucket"]["name"], Key=key)
        assert size["ContentLength"] == event["detail"]["object"]["size"]


def package() -> bytes:
    """Return a function's package that answers nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("validator/authorizer.py", "def lambda_handler(event, context): ...\n")
    return content.getvalue()


def documented_rule() -> str:
    """Return the stack that docs/events.md shows."""
    [found] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "events.md").read_text(), re.DOTALL)
    return str(found)
