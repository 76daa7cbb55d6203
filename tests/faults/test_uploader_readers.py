"""What readers see after messages came more than once: each of them, once."""

from collections.abc import Callable
from typing import Any

import pytest

from operations.query.one_machine import ask
from tests.faults.conftest import invoker
from tests.faults.edge import Edge
from tests.faults.messages import contents, message_id, sqs_record, sqs_records
from tests.faults.sqs import Record
from tests.support.bucket import FakeS3
from tests.support.execution import Function

BIG_NUMBER = "12345678901234567890123456789012345678901234567890"


def groupings(records: list[Record]) -> list[list[Record]]:
    """Return *records* three times over: as sent, by sevens, and backwards by elevens."""
    backwards = records[::-1]
    return [
        *(records[at : at + 20] for at in range(0, len(records), 20)),
        *(records[at : at + 7] for at in range(0, len(records), 7)),
        *(backwards[at : at + 11] for at in range(0, len(records), 11)),
    ]


def read_view(edge: Edge) -> dict[str, bytes]:
    """Return each row's message by its id, as the view of all messages shows what is stored."""
    s3: Any = FakeS3({key: stored.body for key, stored in edge.objects.items()})
    rows = list(ask(s3, "bucket", "SELECT message_id, message FROM all_messages").rows)
    found = {str(identity): str(message).encode() for identity, message in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("layout", ["message", "batch"])
def test_readers_see_each_message_once_however_it_was_delivered(
    edge: Edge, start: Callable[[str], Function], layout: str
) -> None:
    """The same messages in three different groupings, read through the view."""
    records = sqs_records(60)
    records[7]["body"] = f'{{"number": {BIG_NUMBER}, "text": "\\u00e9\\ud800 é \\" | , \\\\"}}'
    invoke = invoker(start(layout))

    answers = [invoke({"Records": group}) for group in groupings(records)]

    assert all(answer == {"batchItemFailures": []} for answer in answers)
    assert read_view(edge) == contents(records)


@pytest.mark.parametrize("default", ["message", "batch"])
def test_batches_that_mix_layouts_keep_both_promises(
    edge: Edge, start: Callable[[str], Function], default: str
) -> None:
    """Three groupings again: one object per message of the one, each seen once of the other."""
    records = sqs_records(60)
    for record in records[::2]:
        record["messageAttributes"]["layout"] = {"stringValue": "batch", "dataType": "String"}
    for record in records[1::4]:
        record["messageAttributes"]["layout"] = {"stringValue": "message", "dataType": "String"}
    unnamed = records[3::4]
    alone = records[1::4] + (unnamed if default == "message" else [])
    invoke = invoker(start(default))

    answers = [invoke({"Records": group}) for group in groupings(records)]

    assert all(answer == {"batchItemFailures": []} for answer in answers)
    objects = [key for key in edge.objects if key.startswith("messages/")]
    assert len(objects) == len(alone)
    assert read_view(edge) == contents(records)


def test_the_same_batch_in_another_order_is_the_same_object(
    edge: Edge, start: Callable[[str], Function]
) -> None:
    """The key follows from the set of messages, so a redelivered batch costs no second object."""
    records = sqs_records(20)
    invoke = invoker(start("batch"))

    for order in (records, records[::-1], records):
        invoke({"Records": order})

    assert len(edge.objects) == 1


def test_a_batch_of_two_hours_is_found_in_both(
    edge: Edge, start: Callable[[str], Function]
) -> None:
    """A backlog mixes hours; a query of one partition must find all that was received in it."""
    early, late = sqs_record(1), sqs_record(3_600_001)

    invoker(start("batch"))({"Records": [late, early]})

    assert sorted(key.split("/")[3] for key in edge.objects) == ["hour=10", "hour=11"]


def test_a_message_twice_in_one_batch_is_one_line(
    edge: Edge, start: Callable[[str], Function]
) -> None:
    """A sender's retry can stand beside the original."""
    invoker(start("batch"))({"Records": [sqs_record(1), sqs_record(1), sqs_record(2)]})

    stored = next(iter(edge.objects.values()))
    assert stored.metadata == {"message_count": "2"}
    found = read_view(edge)
    assert sorted(found) == [message_id(1), message_id(2)]
