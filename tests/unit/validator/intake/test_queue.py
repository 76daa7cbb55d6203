"""The queue: a 202 for what SQS confirmed, and for nothing else."""

import itertools
import random
from typing import Any, cast

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st
from validator.aws import CALL_SECONDS
from validator.deadline import Deadline
from validator.intake.message import MAX_BYTES, Message
from validator.intake.message_id import uuid7
from validator.intake.queue import MessageQueue, Sent

from tests.unit.validator.fakes import FAR, AtOnce, Clock, FakeSqs, Silent, Warnings, refusal


def message(number: int, size: int = 20) -> Message:
    """Return a message whose body has *size* bytes."""
    return Message(uuid7(1, number), "timestamped", "1", "message", "acme", "x" * size)


@pytest.fixture
def sqs() -> FakeSqs:
    """Return a queue that takes everything."""
    return FakeSqs()


@pytest.fixture
def queue(sqs: FakeSqs, clock: Clock, warn: Warnings) -> MessageQueue:
    """Return our side of the queue."""
    return queue_of(sqs, clock, warn)


def queue_of(sqs: FakeSqs, clock: Clock, warn: Warnings) -> MessageQueue:
    """Return our side of *sqs*, which sleeps by setting the clock."""

    def sleep(seconds: float) -> None:
        clock.now += seconds

    return MessageQueue(cast("Any", sqs), "https://queue", AtOnce(), sleep, warn)


def id_of(entry: dict[str, Any]) -> str:
    """Return the message_id in an entry."""
    return str(entry["MessageAttributes"]["message_id"]["StringValue"])


def refusing(*ids: str) -> Any:
    """Return an answer that takes all entries but *ids*."""
    return lambda entries: {
        "Successful": [{"Id": entry["Id"]} for entry in entries if entry["Id"] not in ids],
        "Failed": [{"Id": entry_id, "Code": "InternalError"} for entry_id in ids],
    }


def test_confirms_what_sqs_has(queue: MessageQueue, sqs: FakeSqs) -> None:
    """Each message goes out once, and its id comes back."""
    messages = [message(number) for number in range(25)]

    assert queue.send(messages, FAR) == Sent({each.message_id for each in messages}, 0)
    assert sorted(len(call) for call in sqs.calls) == [5, 10, 10]


@given(st.lists(st.integers(min_value=1, max_value=MAX_BYTES - 200), min_size=1, max_size=30))
def test_packs_up_to_the_limits_of_sqs(sizes: list[int]) -> None:
    """At most ten entries and 1 MiB a call, attributes included, none left out."""
    sqs = FakeSqs()
    messages = [message(number, size) for number, size in enumerate(sizes)]

    queue_of(sqs, Clock(), Warnings()).send(messages, FAR)

    calls = sorted(sqs.calls, key=lambda call: id_of(call[0]))
    batches = iter(messages)
    for call in calls:
        batch = [next(batches) for _ in call]
        assert len(batch) <= 10
        assert sum(each.size_bytes() for each in batch) <= MAX_BYTES
        assert [id_of(entry) for entry in call] == [each.message_id for each in batch]
        assert [entry["MessageBody"] for entry in call] == [each.body for each in batch]
    assert next(batches, None) is None
    for earlier, later in itertools.pairwise(calls):
        room = MAX_BYTES - sum(len(entry["MessageBody"]) + 128 for entry in earlier)
        assert len(earlier) == 10 or len(later[0]["MessageBody"]) + 100 > room


def test_takes_a_message_of_exactly_the_limit(queue: MessageQueue, sqs: FakeSqs) -> None:
    """The limit that is documented is the limit that holds."""
    largest = message(1, MAX_BYTES - message(1, 0).size_bytes())

    queue.send([largest, message(2, 1)], FAR)

    assert largest.size_bytes() == MAX_BYTES
    assert [len(call) for call in sqs.calls] == [1, 1]


@pytest.mark.parametrize(("spare", "calls"), [(0, [2]), (1, [1, 1])])
def test_fills_a_call_to_the_last_byte_and_no_further(
    queue: MessageQueue, sqs: FakeSqs, spare: int, calls: list[int]
) -> None:
    """SQS refuses a call of one byte more, and with it both messages."""
    half = MAX_BYTES // 2 - message(1, 0).size_bytes()

    queue.send([message(1, half), message(2, half + spare)], FAR)

    assert [len(call) for call in sqs.calls] == calls


def test_sends_again_what_sqs_did_not_take(queue: MessageQueue, sqs: FakeSqs) -> None:
    """SQS answers 200 even if single entries fail."""
    messages = [message(number) for number in range(3)]
    sqs.answers = [refusing("1"), refusing("0")]

    sent = queue.send(messages, FAR)

    assert sent == Sent({each.message_id for each in messages}, 0)
    assert [len(call) for call in sqs.calls] == [3, 1, 1]


def test_reports_what_sqs_never_took(queue: MessageQueue, sqs: FakeSqs, warn: Warnings) -> None:
    """After three attempts the sender is the better judge; the others are safe."""
    messages = [message(number) for number in range(7)]
    sqs.answers = [refusing("1"), refusing("0"), refusing("0")]

    sent = queue.send(messages, FAR)

    assert sent == Sent({each.message_id for each in messages} - {messages[1].message_id}, 0)
    assert [len(call) for call in sqs.calls] == [7, 1, 1]
    assert warn == [{"message": "message not taken by queue", "error_code": "InternalError"}] * 3


@pytest.mark.parametrize(
    "answer",
    [{}, {"Successful": []}, {"Successful": [{}]}, {"Successful": [{"Id": "7"}]}, {"Failed": []}],
    ids=str,
)
def test_confirms_nothing_that_sqs_did_not_name(
    queue: MessageQueue, sqs: FakeSqs, answer: dict[str, Any]
) -> None:
    """An empty answer is no promise."""
    sqs.answers = [lambda _: answer] * 3

    assert queue.send([message(1)], FAR) == Sent(set(), 0)


@pytest.mark.parametrize(
    ("error", "unconfirmed"),
    [
        (refusal("ThrottlingException", status=400), 0),
        (refusal("AWS.SimpleQueueService.NonExistentQueue", status=400), 0),
        (refusal("InternalFailure", status=500), 10),
        (ConnectTimeoutError(endpoint_url="https://queue"), 10),
        (ResponseParserError("no JSON"), 10),
    ],
    ids=repr,
)
def test_starts_no_call_after_one_that_failed(
    queue: MessageQueue, sqs: FakeSqs, warn: Warnings, error: Exception, unconfirmed: int
) -> None:
    """The client has tried again by itself; what was confirmed before stays confirmed."""
    messages = [message(number) for number in range(1_000)]

    def fail(_: list[dict[str, Any]]) -> dict[str, Any]:
        raise error

    sqs.answers = [refusing(), fail]

    sent = queue.send(messages, FAR)

    confirmed = {id_of(entry) for call in sqs.calls for entry in call} - {
        id_of(entry) for entry in sqs.calls[1]
    }
    assert sent == Sent(confirmed, unconfirmed)
    assert len(sqs.calls) <= 8  # those that were under way
    assert warn.messages() == ["queue not reached"]


def test_starts_no_call_that_could_outlast_the_function(
    queue: MessageQueue, sqs: FakeSqs, clock: Clock, warn: Warnings
) -> None:
    """A timeout of the function would be a 500; what is not sent is reported as not queued."""
    messages = [message(number) for number in range(1_000)]

    def slowly(entries: list[dict[str, Any]]) -> dict[str, Any]:
        clock.now += 1.9
        return {"Successful": [{"Id": entry["Id"]} for entry in entries]}

    sqs.answers = [slowly] * 100

    sent = queue.send(messages, Deadline(clock.now + 15, clock))

    assert len(sent.confirmed) == 60
    assert sent.unconfirmed == 0
    assert warn.messages() == ["queue too slow"]


def test_connects_by_a_call_that_sends_nothing(queue: MessageQueue, sqs: FakeSqs) -> None:
    """The first message finds an open connection, and nothing in the queue."""
    queue.connect()

    assert sqs.calls == [[]]


def test_a_queue_that_refuses_the_empty_call_is_connected_all_the_same(
    sqs: FakeSqs, clock: Clock, warn: Warnings
) -> None:
    """SQS answers AWS.SimpleQueueService.EmptyBatchRequest."""

    def refuse(_: object) -> Any:
        raise refusal("AWS.SimpleQueueService.EmptyBatchRequest")

    sqs.answers = [refuse]

    queue_of(sqs, clock, warn).connect()

    assert warn.messages() == []


def test_sends_a_batch_in_another_order_each_time(sqs: FakeSqs, clock: Clock) -> None:
    """Whoever sends a batch again, too large for the time of one request, gets further."""
    messages = [message(number) for number in range(1_000)]

    def slowly(entries: list[dict[str, Any]]) -> dict[str, Any]:
        clock.now += 0.15
        return {"Successful": [{"Id": entry["Id"]} for entry in entries]}

    random.seed(4)
    queued: set[str] = set()
    progress = []
    for _ in range(4):
        sqs.answers = [slowly] * 100
        queued |= (
            queue_of(sqs, clock, Warnings())
            .send(messages, Deadline(clock.now + 14, clock))
            .confirmed
        )
        progress.append(len(queued))

    assert progress == sorted(set(progress))
    assert progress[0] <= 610


@pytest.mark.parametrize("calls", [1, 2])
def test_leaves_silent_calls_behind(sqs: FakeSqs, clock: Clock, warn: Warnings, calls: int) -> None:
    """Nothing that botocore is told ends a call to a name with many silent addresses."""

    def wait_no_longer() -> float:
        clock.now += CALL_SECONDS
        return clock.now

    deadline = Deadline(clock.now + (calls + 1) * CALL_SECONDS, wait_no_longer)
    queue = MessageQueue(cast("Any", sqs), "https://queue", Silent(), lambda _: None, warn)
    messages = [message(number) for number in range(10 * calls)]

    assert queue.send(messages, deadline) == Sent(set(), len(messages))
    assert warn == calls * [{"message": "queue not reached", "error_code": "TimeoutError"}]
