"""Stores a batch, with a bucket that fails as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from uploader.failures import EveryRecordFailedError, PassingError, SystemicError
from uploader.objects import Write
from uploader.record import Record, read_records
from uploader.settings import StorageLayout
from uploader.store import OUT_OF_TIME, Outcome, store_batch


@dataclass
class FakeBucket:
    """Keeps each key once; *failures* are raised for writes whose key holds the text."""

    failures: dict[str, Exception] = field(default_factory=dict)
    objects: dict[str, Write] = field(default_factory=dict)

    def put_once(self, write: Write) -> bool:
        """Store *write* unless it is there."""
        for text, failure in self.failures.items():
            if text in write.key:
                raise failure
        return self.objects.setdefault(write.key, write) is write


@pytest.fixture
def records(batch: dict[str, Any]) -> list[Record]:
    """Return the records of the recorded batch."""
    return read_records(batch)


def with_attributes(record: Record, **texts: str) -> Record:
    """Return *record* with these attributes too; an empty one counts as none."""
    added = {name: {"stringValue": text, "dataType": "String"} for name, text in texts.items()}
    return replace(record, attributes={**record.attributes, **added})


def numbered(record: Record, number: int, **texts: str) -> Record:
    """Return *record* with an id of its own and these attributes."""
    sqs_id = f"00000000-0000-4000-8000-{number:012x}"
    message_id = f"019bc12b-c62b-7224-8417-{number:012x}"
    return replace(with_attributes(record, message_id=message_id, **texts), sqs_id=sqs_id)


def store(
    records: list[Record],
    put_once: Callable[[Write], bool],
    layout: StorageLayout = StorageLayout.MESSAGE,
    seconds: float = 10,
) -> Outcome:
    """Store with two threads."""
    return store_batch(records, put_once, layout, thread_count=2, seconds=seconds)


def test_a_good_batch_is_stored_and_nothing_fails(records: list[Record]) -> None:
    """Nearly every batch takes this way."""
    done = store(records, FakeBucket().put_once)

    assert [attempt.is_new for attempt in done.stored] == [True] * 3
    assert done.failed == {}
    assert done.error is None


def test_a_duplicate_is_a_success(records: list[Record]) -> None:
    """The object is there already, so the record must not be retried."""
    bucket = FakeBucket()
    store(records, bucket.put_once)

    done = store(records, bucket.put_once)

    assert [attempt.is_new for attempt in done.stored] == [False] * 3
    assert done.failed == {}


def test_a_passing_failure_delays_one_message_alone(records: list[Record]) -> None:
    """The others are stored at the first attempt."""
    bucket = FakeBucket({"four-fields": PassingError("SlowDown")})

    done = store(records, bucket.put_once)

    assert done.failed == {records[1]: "SlowDown"}
    assert len(done.stored) == 2
    assert done.error is None


def test_several_messages_that_all_fail_are_an_outage(records: list[Record]) -> None:
    """Lambda backs off only if the invocation fails."""
    bucket = FakeBucket({"messages": PassingError("SlowDown")})

    done = store(records, bucket.put_once)

    assert isinstance(done.error, EveryRecordFailedError)
    assert list(done.failed) == records


def test_one_message_alone_that_fails_is_not_an_outage(records: list[Record]) -> None:
    """It says nothing about S3, and must not wake anybody."""
    bucket = FakeBucket({"messages": PassingError("SlowDown")})

    done = store(records[:1], bucket.put_once)

    assert done.error is None
    assert list(done.failed) == records[:1]


def test_one_message_that_fails_alone_again_and_again_is_an_outage(records: list[Record]) -> None:
    """Where one message is all that waits, nothing else would ring within minutes."""
    bucket = FakeBucket({"messages": PassingError("SlowDown")})

    fifth = store([replace(records[0], receive_count=5)], bucket.put_once)
    sixth = store([replace(records[0], receive_count=6)], bucket.put_once)

    assert fifth.error is None
    assert isinstance(sixth.error, EveryRecordFailedError)


def test_a_systemic_failure_fails_all_that_is_not_stored(records: list[Record]) -> None:
    """What was stored before is found there when the batch comes again."""
    bucket = FakeBucket({"timestamped": SystemicError("AccessDenied")})

    done = store_batch(records, bucket.put_once, StorageLayout.MESSAGE, thread_count=1, seconds=10)

    assert str(done.error) == "AccessDenied"
    assert done.failed == {records[2]: "AccessDenied"}


def test_what_is_unfinished_when_time_is_up_is_reported(records: list[Record]) -> None:
    """A timeout of the whole function would tell SQS nothing and Lambda's log little."""
    release = threading.Event()

    def hang_once(write: Write) -> bool:
        return "email" not in write.key or release.wait(60)

    done = store(records, hang_once, seconds=0.3)
    release.set()

    assert done.failed == {records[0]: OUT_OF_TIME}
    assert len(done.stored) == 2


def test_an_unexpected_error_is_not_hidden(records: list[Record]) -> None:
    """A defect of the uploader is not an S3 failure: Lambda's error handling must see it."""
    bucket = FakeBucket({"email": ZeroDivisionError("ours")})

    with pytest.raises(ZeroDivisionError):
        store(records, bucket.put_once)


def test_a_quarantine_that_fails_in_passing_is_retried(records: list[Record]) -> None:
    """Acknowledging it would lose it."""
    records[0] = replace(records[0], body="not json")
    bucket = FakeBucket({"quarantine": PassingError("InternalError")})

    done = store(records, bucket.put_once)

    assert done.failed == {records[0]: "InternalError"}
    assert len(done.stored) == 2


def test_a_batch_object_that_fails_fails_for_all_in_it_but_not_for_quarantine(
    records: list[Record],
) -> None:
    """In the batch layout one write stands for many messages."""
    records = [with_attributes(record, layout="batch", contract="email") for record in records]
    records[0] = replace(records[0], body="not json")
    bucket = FakeBucket({"batches": PassingError("SlowDown")})

    done = store(records, bucket.put_once)

    assert list(done.failed) == records[1:]
    assert [attempt.write.records for attempt in done.stored] == [(records[0],)]


def test_a_hundred_messages_of_four_contracts_are_four_objects(records: list[Record]) -> None:
    """What a batch costs in layout batch: one PUT per contract and hour."""
    contracts = ("email", "four-fields", "timestamped", "any-object")
    hundred = [
        numbered(records[0], number, contract=contracts[number % 4], layout="batch")
        for number in range(100)
    ]

    done = store(hundred, FakeBucket().put_once)

    folders = sorted(attempt.write.key.rsplit("/", 1)[0] for attempt in done.stored)
    assert folders == [
        f"batches/contract={each}/dt=2026-01-15/hour=10" for each in sorted(contracts)
    ]
    assert [len(attempt.write.messages) for attempt in done.stored] == [25] * 4
    assert done.failed == {}


@pytest.mark.parametrize("default", StorageLayout)
def test_each_message_is_stored_in_the_layout_that_it_names(
    records: list[Record], default: StorageLayout
) -> None:
    """One batch mixes contracts; StorageLayout is for what names none, as 0.1.0's validator did."""
    mixed = [
        numbered(records[0], number, layout=layout)
        for number, layout in enumerate(["message", "batch", "", "message", "batch", ""])
    ]

    done = store(mixed, FakeBucket().put_once, default)

    stored = {
        int(message.message_id[-12:], 16): attempt.write.key.split("/")[0]
        for attempt in done.stored
        for message in attempt.write.messages
    }
    unnamed = {StorageLayout.MESSAGE: "messages", StorageLayout.BATCH: "batches"}[default]
    assert [stored[number] for number in range(6)] == ["messages", "batches", unnamed] * 2


def test_a_batch_that_fails_leaves_the_objects_beside_it_alone(records: list[Record]) -> None:
    """Of a mixed batch, only what is not stored comes again."""
    mixed = [numbered(records[0], 1, layout="message"), numbered(records[0], 2, layout="batch")]

    done = store(mixed, FakeBucket({"batches": PassingError("SlowDown")}).put_once)

    assert list(done.failed) == mixed[1:]
    assert [attempt.write.records for attempt in done.stored] == [(mixed[0],)]
