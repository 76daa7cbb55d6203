"""The way of a batch, with a bucket that fails as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from uploader.delivery import Delivery, read_deliveries
from uploader.faults import EveryRecordFailedError, PassingError, SystemicError
from uploader.layout import Layout, batch_objects, message_objects
from uploader.upload import OUT_OF_TIME, Upload, upload_batch
from uploader.write import Write


@dataclass
class FakeBucket:
    """Keeps each key once; *faults* are raised for writes whose key holds the text."""

    faults: dict[str, Exception] = field(default_factory=dict)
    objects: dict[str, Write] = field(default_factory=dict)

    def put_once(self, write: Write) -> bool:
        """Store *write* unless it is there."""
        for text, fault in self.faults.items():
            if text in write.key:
                raise fault
        return self.objects.setdefault(write.key, write) is write


@pytest.fixture
def deliveries(batch: dict[str, Any]) -> list[Delivery]:
    """Return the deliveries of the recorded batch."""
    return read_deliveries(batch)


def upload(
    deliveries: list[Delivery],
    put_once: Callable[[Write], bool],
    layout: Layout = message_objects,
    seconds: float = 10,
) -> Upload:
    """Upload with two threads."""
    return upload_batch(deliveries, put_once, layout, thread_count=2, seconds=seconds)


def test_a_good_batch_is_stored_and_nothing_fails(deliveries: list[Delivery]) -> None:
    """The way that nearly every batch goes."""
    done = upload(deliveries, FakeBucket().put_once)

    assert [attempt.is_new for attempt in done.stored] == [True] * 3
    assert done.failed == {}
    assert done.error is None


def test_a_duplicate_is_a_success(deliveries: list[Delivery]) -> None:
    """What is there is there; it must not come again."""
    bucket = FakeBucket()
    upload(deliveries, bucket.put_once)

    done = upload(deliveries, bucket.put_once)

    assert [attempt.is_new for attempt in done.stored] == [False] * 3
    assert done.failed == {}


def test_a_passing_fault_delays_one_message_alone(deliveries: list[Delivery]) -> None:
    """The others are stored at the first attempt."""
    bucket = FakeBucket({"four-fields": PassingError("SlowDown")})

    done = upload(deliveries, bucket.put_once)

    assert done.failed == {deliveries[1]: "SlowDown"}
    assert len(done.stored) == 2
    assert done.error is None


def test_several_messages_that_all_fail_are_an_outage(deliveries: list[Delivery]) -> None:
    """Lambda backs off only if the invocation fails."""
    bucket = FakeBucket({"messages": PassingError("SlowDown")})

    done = upload(deliveries, bucket.put_once)

    assert isinstance(done.error, EveryRecordFailedError)
    assert list(done.failed) == deliveries


def test_one_message_alone_that_fails_is_no_outage(deliveries: list[Delivery]) -> None:
    """It says nothing about S3, and must not wake anybody."""
    bucket = FakeBucket({"messages": PassingError("SlowDown")})

    done = upload(deliveries[:1], bucket.put_once)

    assert done.error is None
    assert list(done.failed) == deliveries[:1]


def test_a_systemic_fault_fails_all_that_is_not_stored(deliveries: list[Delivery]) -> None:
    """What was stored before is found there when the batch comes again."""
    bucket = FakeBucket({"timestamped": SystemicError("AccessDenied")})

    done = upload_batch(deliveries, bucket.put_once, message_objects, thread_count=1, seconds=10)

    assert str(done.error) == "AccessDenied"
    assert done.failed == {deliveries[2]: "AccessDenied"}


def test_what_is_unfinished_when_time_is_up_is_reported(deliveries: list[Delivery]) -> None:
    """A timeout of the whole function would tell SQS nothing and Lambda's log little."""
    release = threading.Event()

    def hang_once(write: Write) -> bool:
        return "email" not in write.key or release.wait(60)

    done = upload(deliveries, hang_once, seconds=0.3)
    release.set()

    assert done.failed == {deliveries[0]: OUT_OF_TIME}
    assert len(done.stored) == 2


def test_an_unexpected_error_is_not_hidden(deliveries: list[Delivery]) -> None:
    """A fault of our own is no fault of S3's: Lambda's error handling must see it."""
    bucket = FakeBucket({"email": ZeroDivisionError("ours")})

    with pytest.raises(ZeroDivisionError):
        upload(deliveries, bucket.put_once)


def test_a_quarantine_that_fails_in_passing_is_tried_again(deliveries: list[Delivery]) -> None:
    """To acknowledge it would be to lose it."""
    deliveries[0] = replace(deliveries[0], body="not json")
    bucket = FakeBucket({"quarantine": PassingError("InternalError")})

    done = upload(deliveries, bucket.put_once)

    assert done.failed == {deliveries[0]: "InternalError"}
    assert len(done.stored) == 2


def test_a_batch_object_that_fails_fails_for_all_in_it_but_not_for_quarantine(
    deliveries: list[Delivery],
) -> None:
    """In the batch layout one write stands for many messages."""
    deliveries[0] = replace(deliveries[0], body="not json")
    bucket = FakeBucket({"batches": PassingError("SlowDown")})

    done = upload(deliveries, bucket.put_once, batch_objects)

    assert list(done.failed) == deliveries[1:]
    assert [attempt.write.deliveries for attempt in done.stored] == [(deliveries[0],)]
