"""The objects in the bucket: where each is stored, and what is in it."""

import gzip
import json
from collections.abc import Callable, Mapping

from uploader.failures import Reason
from uploader.message import Message
from uploader.objects import batch_objects, message_objects, quarantine_object
from uploader.record import Record

MakeRecord = Callable[..., Record]
MakeMessage = Callable[..., Message]

EARLIER = "019bc12b-c62a-7224-8417-f956ac7c599f"
NEXT_HOUR = "019bc162-b4ab-7224-8417-f956ac7c599f"


def test_a_message_is_an_object_of_its_own_bytes(make_message: MakeMessage) -> None:
    """A reader gets exactly what was sent."""
    [write] = message_objects([make_message(body='{"a" : 1.10}')])

    assert write.body == b'{"a" : 1.10}'
    assert write.content_type == "application/json"


def test_the_key_of_a_message_follows_from_contract_and_id(make_message: MakeMessage) -> None:
    """So the validator can look a receipt up without a database."""
    [write] = message_objects([make_message()])

    assert write.key == (
        "messages/contract=email/dt=2026-01-15/hour=10/"
        "20260115T102030.123Z_019bc12b-c62b-7224-8417-f956ac7c599f.json"
    )


def test_the_metadata_says_who_what_and_when(make_message: MakeMessage) -> None:
    """Exactly these names are agreed on with every reader."""
    [write] = message_objects([make_message()])

    assert write.metadata == {
        "message_id": "019bc12b-c62b-7224-8417-f956ac7c599f",
        "contract": "email",
        "client": "acme",
        "contract_version": "1",
        "received_at": "2026-01-15T10:20:30.123Z",
    }


def test_a_batch_is_one_object_with_a_line_for_each(make_message: MakeMessage) -> None:
    """The envelope says what the metadata of the message's own object would."""
    first, second = make_message(), make_message({"message_id": EARLIER}, body='{"n": 1}')

    [write] = batch_objects([first, second])

    lines = [json.loads(line) for line in gzip.decompress(write.body).splitlines()]
    alone = message_objects([second, first])
    assert lines[0] == {**alone[0].metadata, "message": {"n": 1}}
    assert lines[1] == {**alone[1].metadata, "message": json.loads(first.text)}
    assert write.records == (second.record, first.record)


def test_numbers_keep_their_digits_and_line_breaks_go(make_message: MakeMessage) -> None:
    """The message's text is put in as it is, so no float or int is made of it on the way."""
    message = make_message(body='{"n":\r\n 123456789012345678901234567890.10}')

    [write] = batch_objects([message])

    [line] = gzip.decompress(write.body).splitlines()
    assert line.endswith(b'"message": {"n":   123456789012345678901234567890.10}}')


def test_the_same_set_of_messages_is_the_same_object(make_message: MakeMessage) -> None:
    """Received again in another order, it must not be stored again."""
    messages = [make_message(), make_message({"message_id": EARLIER})]

    [one] = batch_objects(messages)
    [other] = batch_objects(messages[::-1])

    assert (one.key, one.body) == (other.key, other.body)


def test_another_set_is_another_object(make_message: MakeMessage) -> None:
    """Otherwise a regrouped batch would count as a duplicate, and lose the difference."""
    messages = [make_message(), make_message({"message_id": EARLIER})]

    [both] = batch_objects(messages)
    [one] = batch_objects(messages[1:])

    assert both.key != one.key


def test_a_message_received_twice_is_one_line(make_message: MakeMessage) -> None:
    """Both records are done when it is stored."""
    messages = [make_message(), make_message()]

    [write] = batch_objects(messages)

    assert len(gzip.decompress(write.body).splitlines()) == 1
    assert len(write.records) == 2
    assert len(write.messages) == 1


def test_every_hour_has_its_own_object(make_message: MakeMessage) -> None:
    """A reader of one hour's partition finds all that was received in it."""
    messages = [make_message({"message_id": NEXT_HOUR}), make_message()]

    writes = batch_objects(messages)

    assert [write.key[:48] for write in writes] == [
        "batches/contract=email/dt=2026-01-15/hour=10/202",
        "batches/contract=email/dt=2026-01-15/hour=11/202",
    ]


def test_every_contract_has_its_own_object(make_message: MakeMessage) -> None:
    """A reader of one contract scans, and pays for, that contract alone."""
    contracts = ["b", "a", "b", "a-b"]

    writes = batch_objects(make_message({"contract": contract}) for contract in contracts)

    assert [write.key.split("/")[1] for write in writes] == [
        "contract=a",
        "contract=a-b",
        "contract=b",
    ]


def test_no_messages_make_no_object() -> None:
    """A batch of nothing but quarantine leaves no empty file."""
    assert batch_objects([]) == []


def test_quarantine_keeps_bytes_reason_and_all_that_replay_needs(
    make_record: MakeRecord,
) -> None:
    """A record refused today may be a message once the defect is fixed."""
    record = make_record(body="{cut \u00e9")

    write = quarantine_object(record, Reason.BODY_NOT_JSON)

    assert write.body == "{cut \u00e9".encode()
    assert write.metadata["reason"] == "body-not-json"
    assert write.metadata["message_group_id"] == "acme"
    assert json.loads(write.metadata["message_attributes"]) == {
        name: {"stringValue": attribute["stringValue"], "dataType": "String"}
        for name, attribute in record.attributes.items()
    }


def test_the_key_of_quarantine_says_reason_and_time_and_stays_the_same(
    make_record: MakeRecord,
) -> None:
    """Replay filters by listing; a record received again adds no second object."""
    first = quarantine_object(make_record(), Reason.BODY_NOT_JSON)
    again = quarantine_object(
        make_record(receive_count=7, receipt_handle="another"), Reason.BODY_NOT_JSON
    )

    assert first.key == again.key
    assert first.key == (
        "quarantine/reason=body-not-json/dt=2026-01-15/"
        "20260115T102030.164Z_0c83f57c-786a-4b4a-b9ef-ab23731c7ebc.txt"
    )


def test_quarantine_metadata_is_ascii_whatever_the_attributes_hold(make_record: MakeRecord) -> None:
    """S3 accepts nothing else."""
    record = make_record({"client": "acm\u00e9 \u4f60\u0007"})

    write = quarantine_object(record, Reason.CLIENT_INVALID)

    assert all(value.isascii() and value.isprintable() for value in write.metadata.values())


def test_quarantine_keeps_a_body_that_is_not_text(make_record: MakeRecord) -> None:
    """SQS sends none, but an event made by hand must not fail the batch."""
    write = quarantine_object(make_record(body="\ud800"), Reason.BODY_NOT_UTF_8)

    assert write.body.decode(errors="surrogatepass") == "\ud800"


CONTEXT = json.dumps({"cloudevent": {"id": "a \\u0020b", "x": "x" * 500}}, separators=(",", ":"))


def test_the_context_is_kept_in_both_layouts(make_message: MakeMessage) -> None:
    """As text, so that metadata and envelope say the same."""
    message = make_message({"context": CONTEXT})

    [one], [batch] = message_objects([message]), batch_objects([message])

    assert one.metadata["context"] == CONTEXT
    assert json.loads(gzip.decompress(batch.body))["context"] == CONTEXT
    assert "context" not in message_objects([make_message()])[0].metadata


def size_bytes(metadata: Mapping[str, str]) -> int:
    """Return the size of *metadata* as S3 counts it."""
    return sum(len(name) + len(value) for name, value in metadata.items())


def test_s3_takes_the_longest_metadata(make_message: MakeMessage, make_record: MakeRecord) -> None:
    """2 KB; what it refuses would be tried until it is a dead letter."""
    longest = {
        "contract": "c" * 100,
        "client": "c" * 63,
        "contract_version": "9" * 9,
        "context": json.dumps({"cloudevent": {"x": "x" * 999}}, separators=(",", ":")),
    }
    assert len(longest["context"]) == 1022
    message = make_message(longest)

    assert size_bytes(message_objects([message])[0].metadata) <= 2048
    in_quarantine = quarantine_object(
        make_record(longest, group="c" * 63), Reason.CONTRACT_VERSION_INVALID
    )
    assert size_bytes(in_quarantine.metadata) <= 2048
