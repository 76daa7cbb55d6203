"""The two storage layouts."""

import gzip
import json
from collections.abc import Callable

from uploader.layout import batch_objects, message_objects
from uploader.message import Message

MakeMessage = Callable[..., Message]

EARLIER = "019bc12b-c62a-7224-8417-f956ac7c599f"
NEXT_HOUR = "019bc162-b4ab-7224-8417-f956ac7c599f"


def test_a_message_is_an_object_of_its_own_bytes(make_message: MakeMessage) -> None:
    """Whoever reads it gets what was sent."""
    message = make_message(body='{"a" : 1.10}')

    [write] = message_objects([message])

    assert write.body == b'{"a" : 1.10}'
    assert write.content_type == "application/json"
    assert write.key == message.key


def test_a_batch_is_one_object_with_a_line_for_each(make_message: MakeMessage) -> None:
    """The envelope says what the metadata of an object of its own would."""
    first, second = make_message(), make_message({"message_id": EARLIER}, body='{"n": 1}')

    [write] = batch_objects([first, second])

    lines = [json.loads(line) for line in gzip.decompress(write.body).splitlines()]
    assert lines[0] == second.metadata | {"message": {"n": 1}}
    assert lines[1] == first.metadata | {"message": json.loads(first.text)}
    assert write.deliveries == (second.delivery, first.delivery)


def test_numbers_keep_their_digits_and_line_breaks_go(make_message: MakeMessage) -> None:
    """The message's text is put in as it is, so no float or int is made of it on the way."""
    message = make_message(body='{"n":\r\n 123456789012345678901234567890.10}')

    [write] = batch_objects([message])

    [line] = gzip.decompress(write.body).splitlines()
    assert line.endswith(b'"message": {"n":   123456789012345678901234567890.10}}')


def test_the_same_set_of_messages_is_the_same_object(make_message: MakeMessage) -> None:
    """Delivered again in another order, it must not be stored again."""
    messages = [make_message(), make_message({"message_id": EARLIER})]

    [one] = batch_objects(messages)
    [other] = batch_objects(messages[::-1])

    assert (one.key, one.body) == (other.key, other.body)


def test_another_set_is_another_object(make_message: MakeMessage) -> None:
    """Else a regrouped delivery would count as a duplicate and lose the difference."""
    messages = [make_message(), make_message({"message_id": EARLIER})]

    [both] = batch_objects(messages)
    [one] = batch_objects(messages[1:])

    assert both.key != one.key


def test_a_message_that_is_there_twice_is_one_line(make_message: MakeMessage) -> None:
    """Both deliveries are done when it is stored."""
    messages = [make_message(), make_message()]

    [write] = batch_objects(messages)

    assert len(gzip.decompress(write.body).splitlines()) == 1
    assert len(write.deliveries) == 2
    assert len(write.messages) == 1


def test_every_hour_has_its_own_object(make_message: MakeMessage) -> None:
    """A reader of one hour's partition finds all that was received in it."""
    messages = [make_message({"message_id": NEXT_HOUR}), make_message()]

    writes = batch_objects(messages)

    assert [write.key[:33] for write in writes] == [
        "batches/dt=2026-01-15/hour=10/202",
        "batches/dt=2026-01-15/hour=11/202",
    ]


def test_no_messages_are_no_object() -> None:
    """A batch of nothing but quarantine leaves no empty file."""
    assert batch_objects([]) == []
