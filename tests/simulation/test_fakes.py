"""The world's S3 and SQS say what AWS's other players say to the same calls."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from . import substitutes
from .dialogues import Answers, differences, s3_dialogue, sqs_dialogue
from .kernel import Actor
from .network import Weather
from .s3 import Bucket
from .sqs import Queue
from .world import Code, World

BUCKET = "weir-simulated"
RECORDED_WORLDS = 12


def in_a_calm_world(code: Code, talk: Callable[[World], Answers]) -> Answers:
    """Return what the world's players answer when nothing fails."""
    world = World(1, 0, code)
    world.kernel.close()
    world.weather = Weather()
    substitutes.enter(world)
    heard: Answers = {}
    world.kernel.spawn(lambda: heard.update(talk(world)), Actor("dialogue"))
    world.kernel.run()
    return heard


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let moto play AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def make_bucket(s3: Any) -> str:
    """Make a bucket for the dialogue."""
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return BUCKET


def make_queues(sqs: Any) -> tuple[str, str]:
    """Make a queue that gives up after two receives, and the one for its dead letters."""
    dead = sqs.create_queue(QueueName="weir-simulated-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = f'{{"deadLetterTargetArn": "{arn["QueueArn"]}", "maxReceiveCount": 2}}'
    queue = sqs.create_queue(QueueName="weir-simulated", Attributes={"RedrivePolicy": redrive})
    return queue["QueueUrl"], dead


def s3_of_the_world(world: World) -> Answers:
    """Hold the dialogue with the world's S3."""
    world._buckets[World.BUCKET] = Bucket()
    world.page_size = 1000
    return s3_dialogue(world.client("s3", None), World.BUCKET)


def sqs_of_the_world(world: World) -> Answers:
    """Hold the dialogue with the world's SQS."""
    world.dead_letters = Queue(world.kernel, "dead")
    world.queue = Queue(world.kernel, "queue", dead_letters=world.dead_letters, max_receive_count=2)
    return sqs_dialogue(world.client("sqs", None), "queue", "dead")


def test_s3_says_what_moto_says(loaded: tuple[Code, str], moto: None) -> None:
    """Conditional writes, checksums, metadata, lists and deletions."""
    s3 = boto3.client("s3")

    theirs = s3_dialogue(s3, make_bucket(s3))

    assert differences("moto", theirs, in_a_calm_world(loaded[0], s3_of_the_world)) == []


def test_sqs_says_what_moto_says(loaded: tuple[Code, str], moto: None) -> None:
    """Entries that are refused, visibility, attributes, handles and dead letters."""
    sqs = boto3.client("sqs")

    theirs = sqs_dialogue(sqs, *make_queues(sqs))

    assert differences("moto", theirs, in_a_calm_world(loaded[0], sqs_of_the_world)) == []


class RecordingBucket(Bucket):
    """A bucket that keeps every call that reached it, and what it answered."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, dict[str, Any], str]] = []

    def put(self, key: str, body: bytes, moment: float, **more: Any) -> str:
        """Store an object."""
        try:
            answer = super().put(key, body, moment, **more)
        except ClientError as error:
            answer = error.response["Error"]["Code"]
            raise
        finally:
            request: dict[str, Any] = {"Key": key, "Body": body, "Metadata": more["metadata"]}
            conditions = {
                "IfNoneMatch": more["if_none_match"],
                "IfMatch": more["if_match"],
                "ChecksumCRC32": more["crc32_base64"],
            }
            request |= {name: value for name, value in conditions.items() if value is not None}
            self.calls.append(("put_object", request, answer))
        return answer

    def delete(self, key: str, moment: float) -> None:
        """Delete an object."""
        super().delete(key, moment)
        self.calls.append(("delete_object", {"Key": key}, "done"))

    def list(self, prefix: str) -> list[str]:
        """List keys."""
        found = super().list(prefix)
        self.calls.append(("list_objects_v2", {"Prefix": prefix}, str(found)))
        return found


def test_moto_gives_the_recorded_calls_of_whole_worlds_the_same_answers(
    loaded: tuple[Code, str], moto: None
) -> None:
    """Whatever order the world's faults have brought the writes, lists and deletions into."""
    s3 = boto3.client("s3")
    make_bucket(s3)
    compared = 0
    for number in range(RECORDED_WORLDS):
        world = World(8, number, loaded[0])
        world.bucket = world._buckets[World.BUCKET] = bucket = RecordingBucket()
        world.run()
        for operation, request, answer in bucket.calls:
            if "Key" in request:
                request["Key"] = f"{number}/{request['Key']}"
            else:
                request["Prefix"] = f"{number}/{request['Prefix']}"
            assert _said(s3, operation, request).replace(f"'{number}/", "'") == answer, request
            compared += 1

    assert compared > 10 * RECORDED_WORLDS


def _said(s3: Any, operation: str, request: dict[str, Any]) -> str:
    try:
        answer = getattr(s3, operation)(Bucket=BUCKET, **request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    if operation == "list_objects_v2":
        return str([each["Key"] for each in answer.get("Contents", [])])
    return str(answer.get("ETag", "done"))
