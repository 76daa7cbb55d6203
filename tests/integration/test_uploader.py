"""The uploader's handler against S3 and SQS as moto plays them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from uploader.failures import ForeignEventError, SystemicError

from tests.support.events import event
from tests.support.execution import Function, set_environment
from tests.support.template import AWS, template_environment

BUCKET = "weir-messages"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make an account with an empty bucket and an empty queue; return the S3 client."""
    set_environment(monkeypatch, AWS)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        queue_url = boto3.client("sqs").create_queue(QueueName="messages")["QueueUrl"]
        given = {"MESSAGE_BUCKET_NAME": BUCKET, "MESSAGE_QUEUE_URL": queue_url}
        set_environment(monkeypatch, template_environment("uploader", **given))
        yield s3


@pytest.fixture
def handler(aws: Any) -> Function:
    """Return the real handler, ready to be called."""
    return Function("uploader")


def keys(s3: Any) -> list[str]:
    """Return every key in the bucket."""
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def emf(output: str, name: str) -> list[float]:
    """Return the values of the metric *name* in all EMF lines of *output*."""
    blobs = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    return [value for blob in blobs for value in blob.get(name, [])]


def test_every_message_of_the_recorded_batch_becomes_one_object(
    handler: Function, aws: Any
) -> None:
    """The samples are the contract with the validator: the uploader reads what it writes."""
    batch = event("uploader/batch")

    answer = handler(batch)

    assert answer == {"batchItemFailures": []}
    assert keys(aws) == [
        "messages/contract=email/dt=2026-01-15/hour=10/20260115T102030.123Z_"
        "019bc12b-c62b-7224-8417-f956ac7c599f.json",
        "messages/contract=four-fields/dt=2026-01-15/hour=10/20260115T102030.335Z_"
        "019bc12b-c6ff-74ef-af08-0f5a3e74e1c2.json",
        "messages/contract=timestamped/dt=2026-01-15/hour=10/20260115T102030.660Z_"
        "019bc12b-c844-74ad-a3f6-0af0f6db6fdd.json",
    ]
    for key, record in zip(keys(aws), batch["Records"], strict=True):
        assert aws.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() == record["body"]


def test_an_object_says_what_it_is(handler: Function, aws: Any) -> None:
    """A person in the console sees who sent it, when, under which contract, and that it is JSON."""
    handler(event("uploader/single"))

    head = aws.head_object(Bucket=BUCKET, Key=keys(aws)[0])

    assert head["ContentType"] == "application/json"
    assert head["Metadata"] == {
        "message_id": "019bc12b-c62b-7224-8417-f956ac7c599f",
        "contract": "email",
        "client": "acme",
        "contract_version": "1",
        "received_at": "2026-01-15T10:20:30.123Z",
    }


def test_a_batch_received_again_is_acknowledged_and_counted_as_duplicate(
    handler: Function, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQS delivers at least once; what is there already has succeeded."""
    handler(event("uploader/batch"))
    capsys.readouterr()

    answer = handler(event("uploader/batch"))

    output = capsys.readouterr().out
    assert answer == {"batchItemFailures": []}
    assert len(keys(aws)) == 3
    assert emf(output, "MessagesDuplicate") == [3]
    assert emf(output, "MessagesStored") == [0]
    assert emf(output, "TimeToStore") == []


def test_good_records_are_stored_beside_those_that_are_not_messages(
    handler: Function, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quarantine keeps the bytes and the reason; nothing is left for SQS to deliver again."""
    batch = event("uploader/mixed")

    answer = handler(batch)

    quarantined = [key for key in keys(aws) if key.startswith("quarantine/")]
    reasons = [key.split("/")[1] for key in quarantined]
    bodies = [aws.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in quarantined]
    output = capsys.readouterr().out
    assert answer == {"batchItemFailures": []}
    assert len(keys(aws)) - len(quarantined) == 2
    assert reasons == [
        "reason=body-not-an-object",
        "reason=body-not-json",
        "reason=message-id-invalid",
    ]
    assert bodies == [batch["Records"][index]["body"].encode() for index in (3, 1, 2)]
    assert emf(output, "MessagesQuarantined") == [3]
    assert emf(output, "MessagesStored") == [2]


def test_a_record_quarantined_twice_is_one_object(handler: Function, aws: Any) -> None:
    """The key is made of what SQS says about the message, so receiving it again adds nothing."""
    handler(event("uploader/mixed"))
    before = keys(aws)

    handler(event("uploader/mixed"))

    assert keys(aws) == before


def test_an_empty_batch_is_acknowledged(handler: Function, aws: Any) -> None:
    """An event without records is done."""
    assert handler(event("uploader/empty")) == {"batchItemFailures": []}
    assert keys(aws) == []


@pytest.mark.parametrize("foreign", [{}, {"source": "weir.schedule"}, {"Records": [{"s3": {}}]}])
def test_an_event_that_is_not_from_sqs_fails_by_name(
    handler: Function, foreign: dict[str, Any]
) -> None:
    """An empty answer would tell Lambda that a foreign batch has been dealt with."""
    with pytest.raises(ForeignEventError):
        handler(foreign)


def test_a_missing_bucket_fails_the_invocation(
    handler: Function, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No record can succeed, so Lambda has to back off; the metrics are published all the same."""
    aws.delete_bucket(Bucket=BUCKET)

    with pytest.raises(SystemicError, match="NoSuchBucket"):
        handler(event("uploader/batch"))

    output = capsys.readouterr().out
    assert emf(output, "MessagesRetried") == [3]
    assert emf(output, "MessagesStored") == [0]


def test_a_large_batch_keeps_every_metric_value(
    handler: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    """EMF takes 100 values at a time, and batches may be larger."""
    records = []
    for index in range(250):
        record = copy.deepcopy(event("uploader/single")["Records"][0])
        record["messageId"] = f"00000000-0000-4000-8000-{index:012}"
        record["messageAttributes"]["message_id"]["stringValue"] = (
            f"019bc12b-c62b-7224-8417-{index:012}"
        )
        records.append(record)

    handler({"Records": records})

    output = capsys.readouterr().out
    blobs = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    assert sum(emf(output, "MessagesStored")) == 250
    for name in ("StoreTime", "StoredSize", "TimeToStore"):
        assert len(emf(output, name)) == 250
        assert all(len(blob.get(name, [])) <= 100 for blob in blobs)


def test_the_batch_layout_writes_one_object(
    aws: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five dollars a million less: one PUT per contract, and nothing more if it comes twice."""
    monkeypatch.setenv("STORAGE_LAYOUT", "batch")
    handler = Function("uploader")
    batch = event("uploader/batch")
    for record in batch["Records"]:
        del record["messageAttributes"]["layout"]
        record["messageAttributes"]["contract"]["stringValue"] = "email"

    first = handler(batch)
    second = handler(batch)

    output = capsys.readouterr().out
    assert first == second == {"batchItemFailures": []}
    assert len(keys(aws)) == 1
    assert keys(aws)[0].startswith(
        "batches/contract=email/dt=2026-01-15/hour=10/20260115T102030.123Z_"
    )
    assert emf(output, "MessagesStored") == [3, 0]
    assert emf(output, "MessagesDuplicate") == [0, 3]


def test_no_payload_is_logged(handler: Function, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs are read by more people than messages are."""
    handler(event("uploader/mixed"))

    captured = capsys.readouterr()
    assert "Third time lucky" not in captured.out + captured.err
    assert "cut o" not in captured.out + captured.err
