"""What is lost when S3 fails: nothing. Each test ends in a count."""

import json
import random
from collections.abc import Callable

import pytest

from tests.faults.conftest import invoker
from tests.faults.edge import Cut, Delay, Edge, Fault, Refuse, StoredObject
from tests.faults.messages import contents, message_id, sqs_records
from tests.faults.sqs import InvocationError, Invoke, Poller, Queue
from tests.support.execution import Context, Function

DAY = 24 * 3600


def by_message(objects: dict[str, StoredObject]) -> dict[str, bytes]:
    """Return what is stored, by message id; every object of the layout is one message."""
    return {
        stored.metadata["message_id"]: stored.body
        for key, stored in objects.items()
        if key.startswith("messages/")
    }


def test_5000_messages_survive_an_s3_that_fails_slows_and_breaks_off(
    edge: Edge, queue: Queue, invoke: Invoke
) -> None:
    """One answer in ten is an error, one in twenty late, one in a hundred cut off after the PUT."""
    chance = random.Random(4)  # noqa: S311

    def fault(_: str) -> Fault | None:
        drawn = chance.random()
        if drawn < 0.10:
            return Refuse(*chance.choice([(500, "InternalError"), (503, "SlowDown")]))
        if drawn < 0.15:
            return Delay(0.1)
        return Cut() if drawn < 0.16 else None

    edge.fault = fault
    records = sqs_records(5000)
    queue.send(records)

    Poller(queue, invoke, batch_size=100).drain()

    assert len(edge.objects) == 5000
    assert by_message(edge.objects) == contents(records)
    assert edge.overwritten == 0
    assert len(queue.dead_letters) == 0


@pytest.mark.parametrize(
    ("messages", "batch_size"), [(4, 1), (20, 10)], ids=["one at a time", "ten at a time"]
)
def test_an_outage_of_a_day_sends_nothing_to_the_dead_letter_queue(
    edge: Edge, queue: Queue, invoke: Invoke, messages: int, batch_size: int
) -> None:
    """Every PUT answers 503 until a day has passed on the queue's clock."""
    edge.fault = lambda _: Refuse(503, "SlowDown") if queue.now < DAY else None
    records = sqs_records(messages)
    queue.send(records)

    Poller(queue, invoke, batch_size).drain()

    assert len(queue.dead_letters) == 0
    assert by_message(edge.objects) == contents(records)
    assert queue.now < DAY + 900
    assert queue.most_received <= queue.max_receive_count * 0.9


def test_an_outage_of_sqs_visibility_beside_that_of_s3_changes_nothing(
    edge: Edge, queue: Queue, invoke: Invoke
) -> None:
    """Then the queue's own visibility timeout is the back-off, and it is long enough."""
    edge.change_visibility = lambda _handle, _seconds: False
    edge.fault = lambda _: Refuse(500, "InternalError") if queue.now < DAY else None
    records = sqs_records(20)
    queue.send(records)

    Poller(queue, invoke, batch_size=10).drain()

    assert len(queue.dead_letters) == 0
    assert by_message(edge.objects) == contents(records)


@pytest.mark.parametrize(
    "refusal",
    [
        Refuse(403, "AccessDenied"),
        Refuse(404, "NoSuchBucket"),
        Refuse(400, "KMS.DisabledException"),
    ],
    ids=lambda refusal: refusal.code,
)
def test_what_only_a_person_can_mend_fails_the_invocation_and_loses_nothing(
    edge: Edge,
    queue: Queue,
    invoke: Invoke,
    capsys: pytest.CaptureFixture[str],
    refusal: Refuse,
) -> None:
    """Access is taken for an hour: every invocation fails until then, none after."""
    edge.fault = lambda _: refusal if queue.now < 3600 else None
    records = sqs_records(40)
    queue.send(records)
    poller = Poller(queue, invoke, batch_size=20)

    poller.drain()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    retried = [line["MessagesRetried"] for line in lines if "MessagesRetried" in line]
    assert poller.errors == sum(count != [0.0] for count in retried) > 0
    assert len(queue.dead_letters) == 0
    assert by_message(edge.objects) == contents(records)


def test_good_passing_and_permanent_records_of_one_batch_each_go_their_way(
    edge: Edge, queue: Queue, invoke: Invoke
) -> None:
    """A fault in one record costs no other one anything."""
    records = sqs_records(30)
    for record in records[10:20]:
        record["body"] = "{" + record["body"]
    passing = {message_id(number) for number in range(20, 30)}

    def fault(key: str) -> Fault | None:
        hit = any(identity in key for identity in passing) and edge.attempts[key] == 1
        return Refuse(503, "SlowDown") if hit else None

    edge.fault = fault
    queue.send(records)
    poller = Poller(queue, invoke, batch_size=30)

    poller.poll()

    assert sorted(by_message(edge.objects)) == [message_id(number) for number in range(10)]
    assert sum(key.startswith("quarantine/") for key in edge.objects) == 10
    assert len(queue.held) == 10
    poller.drain()
    assert by_message(edge.objects) == contents(records[:10] + records[20:])
    assert len(edge.objects) == 30
    assert all(
        count == 1 + any(identity in key for identity in passing)
        for key, count in edge.attempts.items()
    )


def test_a_hung_s3_does_not_hold_the_function_past_its_timeout(
    edge: Edge, start: Callable[[str], Function]
) -> None:
    """What is unfinished when the time is nearly up is reported, the rest is acknowledged."""
    hung = {message_id(number) for number in range(5)}
    edge.fault = lambda key: Delay(60) if any(identity in key for identity in hung) else None
    records = sqs_records(50)
    module = start("message").module
    context = Context("uploader", module.RESERVE_SECONDS + 1.5)

    answer = module.lambda_handler({"Records": records}, context)

    reported = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
    assert reported == {record["messageId"] for record in records[:5]}
    assert len(edge.objects) == 45
    assert context.get_remaining_time_in_millis() > 0


def test_a_body_that_is_garbled_on_the_way_is_refused_and_sent_again(
    edge: Edge, queue: Queue, start: Callable[[str], Function]
) -> None:
    """S3 holds every body against its checksum, so that no wrong bytes are ever stored."""
    function = start("message")
    garbled: set[str] = set()

    def garble(request: object, **_: object) -> None:
        url, body = request.url, request.data  # type: ignore[attr-defined]
        if url not in garbled:
            garbled.add(url)
            request.data = body[:-1] + b"?"  # type: ignore[attr-defined]

    function.module.bucket._client.meta.events.register_first("before-sign.s3.PutObject", garble)
    records = sqs_records(20)
    queue.send(records)

    Poller(queue, invoker(function), batch_size=10).drain()

    assert len(garbled) == 20
    assert by_message(edge.objects) == contents(records)


def test_an_s3_that_cannot_be_reached_counts_as_an_outage(
    edge: Edge, queue: Queue, invoke: Invoke
) -> None:
    """No connection is not the same to botocore as one that breaks; to a message it is."""
    records = sqs_records(20)
    queue.send(records)
    poller = Poller(queue, invoke, batch_size=10)
    edge.refuse_connections()

    poller.poll()
    poller.poll()

    assert poller.errors == 2
    assert len(queue.held) == 20
    edge.accept_connections()
    poller.drain()
    assert by_message(edge.objects) == contents(records)


def test_an_event_of_nothing_but_failures_raises_by_name(edge: Edge, invoke: Invoke) -> None:
    """Lambda backs off only when the invocation fails, so several failures must not be reported."""
    edge.fault = lambda _: Refuse(503, "SlowDown")

    with pytest.raises(InvocationError, match="SlowDown"):
        invoke({"Records": sqs_records(2)})
