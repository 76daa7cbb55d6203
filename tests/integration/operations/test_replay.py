"""The replay command against queues and a bucket as moto plays them."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.parsers import ResponseParserError
from moto import mock_aws
from uploader.failures import Reason
from uploader.objects import quarantine_object
from uploader.record import Record

from operations.replay.__main__ import main
from tests.support.events import event

BUCKET = "weir-messages"

Records = list[dict[str, Any]]


class Stack:
    """A queue, its dead-letter queue and a bucket, and what lies in them."""

    def __init__(self) -> None:
        self.sqs = boto3.client("sqs")
        self.s3 = boto3.client("s3")
        self.queue_url = self.sqs.create_queue(QueueName="messages")["QueueUrl"]
        self.dead_letter_queue_url = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        self.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )

    def bury(self, records: Records) -> None:
        """Put *records* into the dead-letter queue."""
        for record in records:
            self.sqs.send_message(
                QueueUrl=self.dead_letter_queue_url,
                MessageBody=record["body"],
                MessageGroupId=record["attributes"]["MessageGroupId"],
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value["stringValue"]}
                    for name, value in record["messageAttributes"].items()
                },
            )

    def quarantine(self, record: dict[str, Any], reason: Reason) -> None:
        """Put *record* into quarantine, as the uploader does."""
        write = quarantine_object(Record.from_event(record), reason)
        self.s3.put_object(Bucket=BUCKET, Key=write.key, Body=write.body, Metadata=write.metadata)

    def replay(self, *options: str) -> int:
        """Run the command on this stack."""
        places = ["--queue-url", self.queue_url, "--bucket", BUCKET]
        places += ["--dead-letter-queue-url", self.dead_letter_queue_url]
        return main([*places, "--rate", "100000", *options])

    def waiting(self, queue_url: str) -> list[Any]:
        """Return and keep every visible message of a queue."""
        messages: list[Any] = []
        while found := self.sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages"):
            messages += found
        return messages

    def quarantined(self) -> list[str]:
        """Return the keys in quarantine."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix="quarantine/")
        return [entry["Key"] for entry in found.get("Contents", [])]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """Make an account with the parts that replay needs."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Stack()


@pytest.fixture
def records() -> Records:
    """Return the recorded batch's records."""
    records: Records = event("uploader/batch")["Records"]
    return records


def test_without_apply_nothing_is_moved(
    stack: Stack, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run shows what a second one would do, and leaves every message where it is."""
    stack.bury(records)
    stack.quarantine(records[0], Reason.BODY_NOT_JSON)

    code = stack.replay()

    shown = capsys.readouterr().out
    assert code == 0
    assert "3 would be put back from the dead-letter queue: retries-used-up" in shown
    assert "1 would be put back from the quarantine: body-not-json" in shown
    assert stack.waiting(stack.queue_url) == []
    assert len(stack.waiting(stack.dead_letter_queue_url)) == 3
    assert len(stack.quarantined()) == 1


def test_dead_letters_come_back_with_all_that_came_with_them(
    stack: Stack, records: Records
) -> None:
    """The uploader needs the attributes, and the fair queue the group."""
    stack.bury(records)

    stack.replay("--apply")

    back = stack.waiting(stack.queue_url)
    assert sorted(message["Body"] for message in back) == sorted(r["body"] for r in records)
    for message in back:
        attributes = message["MessageAttributes"]
        assert attributes.keys() == records[0]["messageAttributes"].keys()
        assert attributes["client"]["StringValue"] == message["Attributes"]["MessageGroupId"]
    assert stack.waiting(stack.dead_letter_queue_url) == []


def test_quarantined_messages_come_back_as_they_were_sent(stack: Stack, records: Records) -> None:
    """After the fault is repaired in the uploader, what it had refused is as good as new."""
    stack.quarantine(records[1], Reason.CONTRACT_INVALID)

    stack.replay("--apply")

    [back] = stack.waiting(stack.queue_url)
    attributes = back["MessageAttributes"]
    assert back["Body"] == records[1]["body"]
    assert back["Attributes"]["MessageGroupId"] == "globex"
    assert {name: value["StringValue"] for name, value in attributes.items()} == {
        name: value["stringValue"] for name, value in records[1]["messageAttributes"].items()
    }
    assert stack.quarantined() == []


def test_only_the_reason_asked_for_is_put_back(stack: Stack, records: Records) -> None:
    """One cause is repaired at a time."""
    stack.bury(records[:1])
    stack.quarantine(records[1], Reason.CONTRACT_INVALID)
    stack.quarantine(records[2], Reason.BODY_NOT_JSON)

    stack.replay("--apply", "--reason", "contract-invalid")

    assert len(stack.waiting(stack.queue_url)) == 1
    assert len(stack.waiting(stack.dead_letter_queue_url)) == 1
    assert ["body-not-json" in key for key in stack.quarantined()] == [True]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--since", "2026-01-15T10:20:31"], 2),
        (["--until", "2026-01-15T10:20:30.164Z"], 3),
        (["--until", "2026-01-15T10:20:30.165Z"], 2),
        (["--since", "2026-01-15", "--until", "2026-01-15T11:00+00:00"], 1),
    ],
)
def test_only_the_time_asked_for_is_put_back(
    stack: Stack, records: Records, options: list[str], left: int
) -> None:
    """The beginning counts, the end does not; a time without a zone is UTC."""
    late = records[2] | {
        "attributes": records[2]["attributes"] | {"SentTimestamp": "1800000000000"}
    }
    for record in (records[0], records[1], late):
        stack.quarantine(record, Reason.BODY_NOT_JSON)

    stack.replay("--apply", *options)

    assert len(stack.quarantined()) == left


def test_a_second_run_finds_nothing_more_to_do(
    stack: Stack, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever is not sure that it went through may simply run it again."""
    stack.bury(records)
    stack.replay("--apply")
    capsys.readouterr()

    stack.replay("--apply")

    assert capsys.readouterr().out.strip() == "0 put back"
    assert len(stack.waiting(stack.queue_url)) == 3


def test_letters_that_another_run_hides_make_it_fail(
    stack: Stack, records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that put back less than was there must not look like one that put back all."""
    stack.bury(records)
    stack.sqs.receive_message(
        QueueUrl=stack.dead_letter_queue_url, MaxNumberOfMessages=1, VisibilityTimeout=300
    )

    code = stack.replay("--apply")

    assert code == 1
    assert "Looked at 2 of about 3 dead letters" in capsys.readouterr().err
    assert len(stack.waiting(stack.queue_url)) == 2


def test_an_interruption_leaves_every_message_in_the_queue_or_in_its_place(
    stack: Stack, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between send and delete leaves the message in both, never in neither."""
    stack.bury(records)
    deletions = itertools.count(1)

    def interrupt(**_: object) -> None:
        if next(deletions) == 2:
            raise KeyboardInterrupt

    session = boto3.Session()
    session.events.register("before-call.sqs.DeleteMessage", interrupt)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    code = stack.replay("--apply")

    back = {message["Body"] for message in stack.waiting(stack.queue_url)}
    left = {message["Body"] for message in stack.waiting(stack.dead_letter_queue_url)}
    assert code == 130
    assert back | left == {record["body"] for record in records}
    assert len(back & left) == 1


def test_an_answer_that_is_garbled_is_told_in_one_line(
    stack: Stack,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Botocore raises an error of another family for it, which ended in a traceback."""
    stack.bury(records)

    def garble(**_: object) -> None:
        raise ResponseParserError("Unable to parse response")

    session = boto3.Session()
    session.events.register("before-call.sqs.SendMessage", garble)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    code = stack.replay("--apply")

    assert code == 1
    assert "AWS refused: Unable to parse response" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["dead-letter", "quarantine"])
def test_what_is_kept_beside_a_message_comes_back(
    stack: Stack, records: Records, place: str
) -> None:
    """As long as it may be; S3's metadata has room for it in quarantine too."""
    context = json.dumps({"cloudevent": {"id": "a", "x": "x" * 985}}, separators=(",", ":"))
    records[0]["messageAttributes"]["context"] = {
        "stringValue": context,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String",
    }
    if place == "dead-letter":
        stack.bury(records[:1])
    else:
        stack.quarantine(records[0], Reason.CONTRACT_VERSION_INVALID)

    stack.replay("--apply")

    [message] = stack.waiting(stack.queue_url)
    assert message["MessageAttributes"]["context"]["StringValue"] == context
    assert len(message["MessageAttributes"]) == len(records[0]["messageAttributes"])
