"""The metrics and the log lines of a batch."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uploader.failures import EveryRecordFailedError, Reason, SystemicError
from uploader.message import Message
from uploader.objects import batch_objects, message_objects, quarantine_object
from uploader.record import Record
from uploader.store import Attempt, Outcome
from uploader.telemetry import log, publish

COUNTS = ["MessagesStored", "MessagesDuplicate", "MessagesQuarantined", "MessagesRetried"]
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class FakeMetrics:
    """Keeps every value by name."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)

    def add_metric(self, name: str, unit: str, value: float) -> None:
        """Take one value."""
        assert unit in {"Count", "Milliseconds", "Bytes"}
        self.values[name].append(value)


class FakeLogger:
    """Keeps every line as level, message and keys."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda message, extra=None, **keys: self.lines.append(
            (level, message, keys | (extra or {}))
        )


@pytest.fixture
def message(make_message: Callable[..., Message]) -> Message:
    """Return the message of the first sample."""
    return make_message()


def published(outcome: Outcome, message: Message) -> dict[str, list[float]]:
    """Return what is published about *outcome*, 1.5 s after *message* was received."""
    metrics = FakeMetrics()
    publish(outcome, metrics, message.received_at + timedelta(seconds=1.5))  # type: ignore[arg-type]
    return metrics.values


def logged(outcome: Outcome, moment: datetime = MOMENT) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the lines written about *outcome*, which ended at *moment*."""
    logger = FakeLogger()
    log(outcome, logger, moment)  # type: ignore[arg-type]
    return logger.lines


def test_a_stored_message_is_measured(message: Message) -> None:
    """How long the write took, how large it was, and how long the sender's data was on its way."""
    [write] = message_objects([message])

    values = published(Outcome([Attempt(write, 0.0214, is_new=True)], {}, None), message)

    assert values["StoreTime"] == [21.4]
    assert values["StoredSize"] == [len(message.text)]
    assert values["TimeToStore"] == [1500]
    assert [values[name] for name in COUNTS] == [[1], [0], [0], [0]]


def test_failures_are_published_as_zero_too(message: Message) -> None:
    """An alarm without data cannot tell good from silent."""
    values = published(Outcome([], {}, None), message)

    assert {name: values[name] for name in COUNTS} == {name: [0] for name in COUNTS}


def test_every_delivery_is_counted_once(
    make_record: Callable[..., Record], make_message: Callable[..., Message], message: Message
) -> None:
    """The ledger must balance, duplicates within a batch object included."""
    [new] = batch_objects([make_message(), make_message()])
    [old] = message_objects([make_message()])
    kept = quarantine_object(make_record(), Reason.BODY_NOT_JSON)
    attempts = [
        Attempt(new, 0.02, is_new=True),
        Attempt(old, 0.02),
        Attempt(kept, 0.02, is_new=True),
        Attempt(kept, 0.02),
    ]

    values = published(Outcome(attempts, {make_record(): "SlowDown"}, None), message)

    assert [values[name] for name in COUNTS] == [[1], [3], [1], [1]]
    assert len(values["TimeToStore"]) == 1


CANARY = {"client": "canary", "contract": "canary"}


def test_the_canary_is_counted_nowhere(
    make_record: Callable[..., Record], make_message: Callable[..., Message], message: Message
) -> None:
    """It has metrics of its own, and would be the only message of a quiet night."""
    [senders] = message_objects([message])
    [canarys] = message_objects([make_message(CANARY)])
    attempts = [Attempt(senders, 0.02, is_new=True), Attempt(canarys, 9.0, is_new=True)]
    failed = {make_record(): "SlowDown", make_record(CANARY): "SlowDown"}

    values = published(Outcome(attempts, failed, None), message)

    assert [values[name] for name in COUNTS] == [[1], [0], [0], [1]]
    assert values["StoreTime"] == [20.0]
    assert [len(values[name]) for name in ("StoredSize", "TimeToStore")] == [1, 1]


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_batch_of_the_canary_alone_publishes_nothing(
    is_stored: bool,
    make_record: Callable[..., Record],
    make_message: Callable[..., Message],
    message: Message,
) -> None:
    """A zero would be the least of a quarter-hour, and hide that senders' batches fail."""
    [write] = message_objects([make_message(CANARY)])
    stored = [Attempt(write, 0.02, is_new=True)] if is_stored else []
    failed = {} if is_stored else {make_record(CANARY): "SlowDown"}

    assert published(Outcome(stored, failed, None), message) == {}


@pytest.mark.parametrize("name", ["client", "contract"])
def test_half_a_canary_counts(
    name: str, make_message: Callable[..., Message], message: Message
) -> None:
    """Only both together are the canary: a client may be called so in another stage."""
    [write] = message_objects([make_message({name: "canary"})])

    values = published(Outcome([Attempt(write, 0.02, is_new=True)], {}, None), message)

    assert values["MessagesStored"] == [1]


def test_a_clock_that_lags_behind_gives_no_negative_age(message: Message) -> None:
    """The validator's clock and this one are not the same."""
    [write] = message_objects([message])
    metrics = FakeMetrics()

    publish(
        Outcome([Attempt(write, 0.02, is_new=True)], {}, None),
        metrics,  # type: ignore[arg-type]
        message.received_at - timedelta(seconds=3),
    )

    assert metrics.values["TimeToStore"] == [0]


def test_a_good_batch_is_one_line(message: Message) -> None:
    """Logs cost more than computing does."""
    [write] = message_objects([message])

    lines = logged(
        Outcome([Attempt(write, 0.02, is_new=True)], {}, None),
        message.received_at + timedelta(seconds=1.5),
    )

    figures = {"stored": 1, "duplicate": 0, "quarantined": 0, "retried": 0, "slowest_ms": 1500}
    assert lines == [("info", "batch stored", figures)]


@pytest.mark.parametrize("error", [None, SystemicError("AccessDenied")])
def test_the_slowest_message_of_a_batch_is_in_its_line(
    make_message: Callable[..., Message], error: SystemicError | None
) -> None:
    """A query reads the first value of the metric's list at most, and the slowest may be any."""
    ages = [0.2, 90, 3]
    messages = [
        replace(make_message(), received_at=MOMENT - timedelta(seconds=age)) for age in ages
    ]
    attempts = [Attempt(write, 0.02, is_new=True) for write in message_objects(messages)]

    [(_, _, keys)] = logged(Outcome(attempts, {}, error))

    assert keys["slowest_ms"] == 90_000


def test_a_batch_that_stored_nothing_new_has_no_slowest_message(
    message: Message, make_record: Callable[..., Record]
) -> None:
    """Absence is not zero, and a message that is received again was stored long ago."""
    [write] = message_objects([message])
    kept = quarantine_object(make_record(), Reason.BODY_NOT_JSON)
    attempts = [Attempt(write, 0.02), Attempt(kept, 0.02, is_new=True)]

    lines = logged(Outcome(attempts, {make_record(): "SlowDown"}, None))

    assert all("slowest_ms" not in keys for _, _, keys in lines)


def test_what_someone_must_look_after_has_a_line_of_its_own(
    make_record: Callable[..., Record],
) -> None:
    """With the id and the reason, and nothing of the payload."""
    kept = quarantine_object(make_record(), Reason.BODY_NOT_JSON)
    delayed = make_record(receive_count=4)

    lines = logged(Outcome([Attempt(kept, 0.02, is_new=True)], {delayed: "SlowDown"}, None))

    assert lines[:2] == [
        ("warning", "message quarantined", {"object_key": kept.key, "reason": "body-not-json"}),
        (
            "warning",
            "message delayed",
            {
                "message_id": "019bc12b-c62b-7224-8417-f956ac7c599f",
                "client": "acme",
                "reason": "SlowDown",
                "receive_count": 4,
            },
        ),
    ]


def test_a_failed_batch_is_one_line_for_all(make_record: Callable[..., Record]) -> None:
    """In an outage a line for each message would be the dearest part of the bill."""
    failed = {make_record(): "SlowDown", make_record(): "SlowDown"}

    [line] = logged(Outcome([], failed, EveryRecordFailedError("SlowDown")))

    assert line[:2] == ("error", "batch failed")
    assert line[2]["reason"] == "SlowDown"
    assert line[2]["retried"] == 2
