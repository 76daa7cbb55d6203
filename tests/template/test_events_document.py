"""The rule that docs/events.md gives away: it hears what it says, and may send to its queues."""

import json
import re
from typing import Any

import pytest
from uploader.failures import Reason
from uploader.message import Message, read_message
from uploader.objects import batch_objects, message_objects, quarantine_object
from uploader.record import Record, read_records

from operations.project import ROOT
from tests.support.events import event
from tests.template.deployment import Deployment, listed
from tests.template.translator import Translator

DOCUMENT = (ROOT / "docs" / "events.md").read_text()
BUCKET = "weir-dev-messagebucket-1example"


def block(kind: str) -> str:
    """Return the one block of *kind* in the document."""
    [found] = re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def rule(translator: Translator) -> Deployment:
    """Return the documented stack."""
    return translator.parsed(block("yaml"), {"MessageBucketName": BUCKET})


@pytest.fixture(scope="module")
def pattern(rule: Deployment) -> dict[str, Any]:
    """Return what the documented rule listens to."""
    found: dict[str, Any] = rule.properties("EmailRule")["EventPattern"]
    return found


@pytest.fixture
def message() -> Message:
    """Return a recorded message of the contract `email`."""
    return read_message(read_records(event("uploader/single"))[0])


def hears(pattern: dict[str, Any], key: str) -> bool:
    """Return whether a rule with *pattern* hears of the object *key*."""
    prefixes = [each["prefix"] for each in pattern["detail"]["object"]["key"]]
    return any(key.startswith(prefix) for prefix in prefixes)


def test_every_target_lets_the_rule_in(rule: Deployment) -> None:
    """Without the policy EventBridge drops each event; the emulator delivers all the same."""
    policy = rule.properties("QueuePolicy")
    [statement] = policy["PolicyDocument"]["Statement"]
    [target] = rule.properties("EmailRule")["Targets"]

    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": "EmailRule.Arn"}}
    sent_to = {target["Arn"], target["DeadLetterConfig"]["Arn"]}
    assert set(listed(statement["Resource"])) == sent_to
    assert {f"{queue}.Arn" for queue in policy["Queues"]} == sent_to


def test_the_rule_hears_of_the_contract_in_both_layouts(
    pattern: dict[str, Any], message: Message
) -> None:
    """The keys are those that the uploader writes."""
    writes = message_objects([message]) + batch_objects([message])

    assert all(hears(pattern, write.key) for write in writes)


def test_the_rule_hears_of_nothing_else(pattern: dict[str, Any], message: Message) -> None:
    """Events of quarantine, of keys and of other contracts are not for this queue."""
    record: Record = message.record
    keys = [
        quarantine_object(record, Reason.BODY_NOT_JSON).key,
        "idempotency/1.json",
        "messages/contract=email-v2/dt=2026-01-15/hour=10/1.json",
        "batches/contract=canary/dt=2026-01-15/hour=10/1.ndjson.gz",
    ]

    assert not [key for key in keys if hears(pattern, key)]


def test_the_example_is_an_event_that_the_rule_hears(pattern: dict[str, Any]) -> None:
    """A reader writes code from it."""
    example = json.loads(block("json"))

    assert pattern["source"] == [example["source"]]
    assert pattern["detail-type"] == [example["detail-type"]]
    assert pattern["detail"]["bucket"]["name"] == [example["detail"]["bucket"]["name"]]
    assert hears(pattern, example["detail"]["object"]["key"])
