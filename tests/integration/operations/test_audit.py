"""The audit against a log, and a bucket and queues as moto plays them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from uploader.failures import Reason
from uploader.message import read_message
from uploader.objects import Write, batch_objects, message_objects, quarantine_object
from uploader.record import Record

from operations.audit.__main__ import Stack, audit, show
from operations.audit.window import Window
from tests.faults.messages import FIRST_MS, message_id, sqs_record

BUCKET = "weir-messages"
GROUP = "weir-ValidatorLogGroup"
START = datetime.fromtimestamp(FIRST_MS / 1000, UTC)
WINDOW = Window(START, START + timedelta(hours=1))


def record(number: int) -> Record:
    """Return message *number* as the uploader receives it."""
    return Record.from_event(sqs_record(number))


class FakeLogs:
    """A log group of any age; moto refuses lines that are older than two weeks, as AWS does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "FakeLogs":
        """Return what pages through the one operation that is asked for."""
        assert operation == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield each event between both times, inclusive, on a page of its own."""
        assert request["logGroupName"] == GROUP
        words = request["filterPattern"].strip('"')
        for event in self.events:
            in_time = request["startTime"] <= event["timestamp"] <= request["endTime"]
            if in_time and words in event["message"]:
                yield {"events": [event]}


@dataclass
class Account:
    """An account with the parts of a stack that an audit looks at."""

    stack: Stack
    places: dict[str, Any]

    def log(self, *numbers: int, client: str = "shop", contract: str = "email") -> None:
        """Let the validator say that it queued these messages, in one request."""
        line = {
            "message": "messages queued",
            "client": client,
            "contract": contract,
            "message_ids": " ".join(map(message_id, numbers)),
        }
        self.places["logs"].events.append(
            {"timestamp": FIRST_MS + numbers[0], "message": json.dumps(line)}
        )

    def put(self, *writes: Write) -> None:
        """Write objects as the uploader does."""
        for write in writes:
            self.places["s3"].put_object(
                Bucket=BUCKET, Key=write.key, Body=write.body, Metadata=write.metadata
            )

    def send(self, url: str, number: int) -> None:
        """Put a message into a queue."""
        attributes: Any = {"message_id": {"DataType": "String", "StringValue": message_id(number)}}
        self.places["sqs"].send_message(
            QueueUrl=url, MessageBody="{}", MessageAttributes=attributes
        )

    def visible(self, url: str) -> int:
        """Return how many messages the queue would hand out."""
        found = self.places["sqs"].receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return len(found.get("Messages", []))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Make the parts, empty."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        services: Any = boto3.client
        places = {"logs": FakeLogs(), "s3": services("s3"), "sqs": services("sqs")}
        places["s3"].create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        queue = places["sqs"].create_queue(QueueName="messages")["QueueUrl"]
        letters = places["sqs"].create_queue(QueueName="dead")["QueueUrl"]
        find: Callable[[str], Any] = places.__getitem__
        yield Account(Stack(GROUP, BUCKET, queue, letters, 0, 0, find), places)


def run(account: Account, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code of an audit, and its lines without the blanks before a number."""
    ledger, hidden = audit(account.stack, WINDOW, 0, lambda _what, _count: None)
    code = show(ledger, hidden, WINDOW)
    return code, [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_every_place_is_looked_into(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Both layouts, quarantine and both queues hold a message each; nothing is wrong."""
    account.log(0, 1, 2, 3, 4, 5)
    account.put(*message_objects([read_message(record(0))]))
    account.put(*batch_objects([read_message(record(1)), read_message(record(2))]))
    account.put(quarantine_object(record(3), Reason.CONTRACT_INVALID))
    account.send(account.stack.queue_url, 4)
    account.send(account.stack.dead_letter_queue_url, 5)

    code, lines = run(account, capsys)

    assert code == 0
    assert {"3 stored", "1 in quarantine", "1 in the queue", "1 in the dead-letter queue"} <= set(
        lines
    )
    assert account.visible(account.stack.queue_url) == 1
    assert account.visible(account.stack.dead_letter_queue_url) == 1


def test_what_is_nowhere_and_what_is_there_twice_are_named(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is needed to ask the sender for it, or to delete the second object."""
    account.log(0, 1)
    [write] = message_objects([read_message(record(0))])
    account.put(write)
    other = write.key.replace("contract=", "contract=another-")
    account.places["s3"].put_object(Bucket=BUCKET, Key=other, Body=b"{}")

    code, lines = run(account, capsys)

    assert code == 1
    assert lines[0] == f"MISSING {message_id(1)} client=shop contract=email"
    assert lines[1] == f"TWICE {message_id(0)} {other} {write.key}"
    assert [line for line in lines if line.startswith(("MISSING", "TWICE"))] == lines[:2]


def test_a_message_in_two_batches_is_counted_and_no_fault(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Layout batch promises at least one line."""
    account.log(0, 1)
    first, second = read_message(record(0)), read_message(record(1))
    account.put(*batch_objects([first]), *batch_objects([first, second]))

    code, lines = run(account, capsys)

    assert code == 0
    assert "1 with several lines in layout batch, which is no fault" in lines


def test_what_a_queue_hides_is_not_called_missing(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be the message that waits for its retry: only another audit can say."""
    account.log(0)
    account.send(account.stack.queue_url, 0)
    account.places["sqs"].receive_message(QueueUrl=account.stack.queue_url, VisibilityTimeout=300)

    code, lines = run(account, capsys)

    assert code == 3
    assert lines[0] == f"UNACCOUNTED {message_id(0)} client=shop contract=email"


def test_what_was_never_promised_and_what_the_canary_sent_are_no_fault(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """A 503 may be stored all the same; the canary looks after its own."""
    account.log(1, client="canary", contract="canary")
    account.put(*message_objects([read_message(record(0))]))

    code, lines = run(account, capsys)

    assert code == 0
    assert any(line.startswith("1 stored and not in the log") for line in lines)


def test_a_line_outside_the_window_is_left_to_another_audit(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its message may be deleted long since."""
    account.log(3_600_000)

    code, lines = run(account, capsys)

    assert code == 0
    assert lines[0].startswith("0 accepted")
