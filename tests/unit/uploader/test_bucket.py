"""One write to S3: its request, and the meaning of S3's answers and of their absence."""

from base64 import b64encode
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from uploader.bucket import Bucket
from uploader.failures import PassingError, SystemicError
from uploader.message import Message
from uploader.objects import Write, message_objects

URL = "https://weir-messages.s3.eu-central-1.amazonaws.com/key"


class FakeS3:
    """A client of which every PUT ends as told."""

    def __init__(self, error: Exception | None = None, times: int = 1_000) -> None:
        self.meta = SimpleNamespace(events=SimpleNamespace(unregister=lambda *_: None))
        self.puts: list[dict[str, Any]] = []
        self._errors = [error] * times if error else []

    def put_object(self, **request: Any) -> None:
        """Take note of *request*, then fail if told to."""
        self.puts.append(request)
        if self._errors:
            raise self._errors.pop()


def answer(status: int, code: str) -> ClientError:
    """Return what botocore makes of an error answer."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "PutObject")


def bucket(s3: FakeS3) -> Bucket:
    """Return the bucket behind *s3*."""
    return Bucket(s3, "weir-messages")  # type: ignore[arg-type]


@pytest.fixture
def write(make_message: Callable[..., Message]) -> Write:
    """Return the write of the first sample."""
    [write] = message_objects([make_message()])
    return write


def test_a_write_is_conditional_and_carries_its_checksum(write: Write) -> None:
    """Otherwise a duplicate would overwrite the object, and a garbled body would stay."""
    s3 = FakeS3()

    assert bucket(s3).put_once(write) is True

    [request] = s3.puts
    assert request["IfNoneMatch"] == "*"
    assert request["ChecksumCRC32"] == b64encode(crc32(write.body).to_bytes(4)).decode()


def test_a_key_that_is_there_is_a_duplicate(write: Write) -> None:
    """412 says that an earlier attempt has stored it."""
    assert bucket(FakeS3(answer(412, "PreconditionFailed"))).put_once(write) is False


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answer(503, "SlowDown"), PassingError),
        (answer(409, "ConditionalRequestConflict"), PassingError),
        (answer(403, "AccessDenied"), SystemicError),
        (answer(404, "NoSuchBucket"), SystemicError),
        (EndpointConnectionError(endpoint_url=URL), PassingError),
        (ConnectTimeoutError(endpoint_url=URL), PassingError),
        (ReadTimeoutError(endpoint_url=URL), PassingError),
        (ConnectionClosedError(endpoint_url=URL), PassingError),
        (ResponseParserError("half an answer"), PassingError),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, Exception) else "",
)
def test_every_failure_is_named_by_the_policy(
    write: Write, error: Exception, meaning: type[Exception]
) -> None:
    """No answer at all is as passing as a 503."""
    with pytest.raises(meaning):
        bucket(FakeS3(error)).put_once(write)


def test_an_error_of_this_side_stays_what_it_is(write: Write) -> None:
    """Without credentials nothing was asked of S3, so its policy does not apply."""
    with pytest.raises(NoCredentialsError):
        bucket(FakeS3(NoCredentialsError())).put_once(write)


def test_a_connection_that_was_closed_while_kept_is_made_again(write: Write) -> None:
    """After a pause all kept connections may be closed, which would look like an outage."""
    s3 = FakeS3(ConnectionClosedError(endpoint_url=URL), times=1)

    assert bucket(s3).put_once(write) is True

    assert [put["Key"] for put in s3.puts] == [write.key] * 2
