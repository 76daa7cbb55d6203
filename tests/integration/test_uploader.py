"""The uploader's handler against S3 and SQS as moto plays them."""

import copy
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from uploader.failures import ForeignEventError, SystemicError

EVENTS = Path(__file__).parents[2] / "events" / "uploader"
BUCKET = "weir-messages"

Handler = Callable[[dict[str, Any]], dict[str, Any]]


def event(name: str) -> dict[str, Any]:
    """Return the recorded event *name*."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


class Context(SimpleNamespace):
    """What Lambda tells about one invocation."""

    function_name = "uploader"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:uploader"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of a timeout of thirty seconds."""
        return 30_000


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make an account with an empty bucket and an empty queue; return the S3 client."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "POWERTOOLS_SERVICE_NAME": "uploader",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "MESSAGE_BUCKET_NAME": BUCKET,
        "STORAGE_LAYOUT": "message",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        queue_url = boto3.client("sqs").create_queue(QueueName="messages")["QueueUrl"]
        monkeypatch.setenv("MESSAGE_QUEUE_URL", queue_url)
        yield s3


@pytest.fixture
def handler(aws: Any) -> Handler:
    """Import the real handler as a cold start would; return it ready to be called."""
    module = cold_start()

    def invoke(event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = module.lambda_handler(event, Context())
        return answer

    return invoke


def cold_start() -> ModuleType:
    """Import the handler again, with the environment and the mocks of the moment."""
    sys.modules.pop("uploader.handler", None)
    return importlib.import_module("uploader.handler")


def keys(s3: Any) -> list[str]:
    """Return every key in the bucket."""
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def emf(output: str, name: str) -> list[float]:
    """Return the values of the metric *name* in all EMF lines of *output*."""
    blobs = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    return [value for blob in blobs for value in blob.get(name, [])]


def test_every_message_of_the_recorded_batch_becomes_one_object(handler: Handler, aws: Any) -> None:
    """The samples are the contract with the validator: the uploader reads what it writes."""
    batch = event("batch")

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


def test_an_object_says_what_it_is(handler: Handler, aws: Any) -> None:
    """A person in the console sees who sent it, when, under which contract, and that it is JSON."""
    handler(event("single"))

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
    handler: Handler, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQS delivers at least once; what is there already has succeeded."""
    handler(event("batch"))
    capsys.readouterr()

    answer = handler(event("batch"))

    output = capsys.readouterr().out
    assert answer == {"batchItemFailures": []}
    assert len(keys(aws)) == 3
    assert emf(output, "MessagesDuplicate") == [3]
    assert emf(output, "MessagesStored") == [0]
    assert emf(output, "TimeToStore") == []


def test_good_records_are_stored_beside_those_that_are_not_messages(
    handler: Handler, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quarantine keeps the bytes and the reason; nothing is left for SQS to deliver again."""
    batch = event("mixed")

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


def test_a_record_quarantined_twice_is_one_object(handler: Handler, aws: Any) -> None:
    """The key is made of what SQS says about the message, so receiving it again adds nothing."""
    handler(event("mixed"))
    before = keys(aws)

    handler(event("mixed"))

    assert keys(aws) == before


def test_an_empty_batch_is_acknowledged(handler: Handler, aws: Any) -> None:
    """An event without records is done."""
    assert handler(event("empty")) == {"batchItemFailures": []}
    assert keys(aws) == []


@pytest.mark.parametrize("foreign", [{}, {"source": "weir.schedule"}, {"Records": [{"s3": {}}]}])
def test_an_event_that_is_not_from_sqs_fails_by_name(
    handler: Handler, foreign: dict[str, Any]
) -> None:
    """An empty answer would tell Lambda that a foreign batch has been dealt with."""
    with pytest.raises(ForeignEventError):
        handler(foreign)


def test_a_missing_bucket_fails_the_invocation(
    handler: Handler, aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No record can succeed, so Lambda has to back off; the metrics are published all the same."""
    aws.delete_bucket(Bucket=BUCKET)

    with pytest.raises(SystemicError, match="NoSuchBucket"):
        handler(event("batch"))

    output = capsys.readouterr().out
    assert emf(output, "MessagesRetried") == [3]
    assert emf(output, "MessagesStored") == [0]


def test_a_large_batch_keeps_every_metric_value(
    handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """EMF takes 100 values at a time, and batches may be larger."""
    records = []
    for index in range(250):
        record = copy.deepcopy(event("single")["Records"][0])
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
    """Five dollars a million less: one PUT per batch, and nothing more if it comes twice."""
    monkeypatch.setenv("STORAGE_LAYOUT", "batch")
    module = cold_start()

    first = module.lambda_handler(event("batch"), Context())
    second = module.lambda_handler(event("batch"), Context())

    output = capsys.readouterr().out
    assert first == second == {"batchItemFailures": []}
    assert len(keys(aws)) == 1
    assert keys(aws)[0].startswith("batches/dt=2026-01-15/hour=10/20260115T102030.123Z_")
    assert emf(output, "MessagesStored") == [3, 0]
    assert emf(output, "MessagesDuplicate") == [0, 3]


def test_no_payload_is_logged(handler: Handler, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs are read by more people than messages are."""
    handler(event("mixed"))

    captured = capsys.readouterr()
    assert "Third time lucky" not in captured.out + captured.err
    assert "cut o" not in captured.out + captured.err
