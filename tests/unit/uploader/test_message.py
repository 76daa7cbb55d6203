"""Parses a record into a Weir message."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uploader.failures import PermanentError, Reason
from uploader.message import Message, read_message
from uploader.record import Record, read_records

MakeRecord = Callable[..., Record]
MakeMessage = Callable[..., Message]

DEEP = 100_000


def test_the_recorded_samples_are_read(batch: dict[str, Any]) -> None:
    """They are what the validator writes."""
    messages = [read_message(record) for record in read_records(batch)]

    assert [message.contract for message in messages] == ["email", "four-fields", "timestamped"]
    assert [message.client for message in messages] == ["acme", "globex", "acme"]


@pytest.mark.parametrize("milliseconds", [0, 1, 999, 1_700_000_000_001, 253_402_300_799_999])
def test_the_time_of_an_id_is_exact_to_the_millisecond(
    make_message: MakeMessage, milliseconds: int
) -> None:
    """A float would lose one now and then, and the object would not be found."""
    digits = f"{milliseconds:012x}"

    message = make_message({"message_id": f"{digits[:8]}-{digits[8:]}-7224-8417-f956ac7c599f"})

    since_1970 = message.received_at - datetime(1970, 1, 1, tzinfo=UTC)
    assert since_1970 == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    "body",
    [
        '{"n": 1e400, "big": ' + "9" * 5000 + "}",
        '{"text": "\\ud800 \\u0000 \\uffff"}',
        ' \n{"pretty":\r\n\t"printed"} ',
        '{"twice": 1, "twice": 2}',
        "{}",
    ],
    ids=["huge numbers", "odd escapes", "whitespace", "duplicate keys", "empty"],
)
def test_the_body_is_kept_byte_for_byte(make_message: MakeMessage, body: str) -> None:
    """The validator decides what to accept; the uploader changes nothing."""
    assert make_message(body=body).text == body.encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", Reason.BODY_NOT_JSON),
        ('{"cut', Reason.BODY_NOT_JSON),
        ('{"n": NaN}', Reason.BODY_NOT_JSON),
        ('{"n": -Infinity}', Reason.BODY_NOT_JSON),
        ('\ufeff{"bom": 1}', Reason.BODY_NOT_JSON),
        ('{"raw": "\n"}', Reason.BODY_NOT_JSON),
        ('{"a": 1} {"b": 2}', Reason.BODY_NOT_JSON),
        ("[]", Reason.BODY_NOT_AN_OBJECT),
        ("null", Reason.BODY_NOT_AN_OBJECT),
        ("9" * 5000, Reason.BODY_NOT_AN_OBJECT),
        ('{"lone": "\ud800"}', Reason.BODY_NOT_UTF_8),
        ("[" * DEEP, Reason.BODY_NESTED_TOO_DEEP),
        ('{"a":' * DEEP + "1" + "}" * DEEP, Reason.BODY_NESTED_TOO_DEEP),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else repr(value[:12]),
)
def test_a_body_that_is_not_a_json_object_is_refused_by_name(
    make_record: MakeRecord, body: str, reason: Reason
) -> None:
    """No record, whoever put it into the queue, may stop the batch."""
    with pytest.raises(PermanentError) as caught:
        read_message(make_record(body=body))

    assert caught.value.reason is reason


def test_a_message_may_name_no_layout(make_message: MakeMessage) -> None:
    """Those that 0.1.0's validator left in the queue must not end in quarantine."""
    assert make_message({"layout": None}).layout == ""


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("message_id", None, Reason.MESSAGE_ID_INVALID),
        ("message_id", "", Reason.MESSAGE_ID_INVALID),
        ("message_id", "4d682ec4-eed2-4c53-8497-58bc13b6e179", Reason.MESSAGE_ID_INVALID),
        ("message_id", "019BC12B-C62B-7224-8417-F956AC7C599F", Reason.MESSAGE_ID_INVALID),
        ("message_id", "019bc12b-c62b-7224-0417-f956ac7c599f", Reason.MESSAGE_ID_INVALID),
        ("message_id", "019bc12b-c62b-7224-8417-f956ac7c599f\n", Reason.MESSAGE_ID_INVALID),
        ("message_id", "ffffffff-ffff-7224-8417-f956ac7c599f", Reason.MESSAGE_ID_INVALID),
        ("contract", None, Reason.CONTRACT_INVALID),
        ("contract", "Email", Reason.CONTRACT_INVALID),
        ("contract", "../email", Reason.CONTRACT_INVALID),
        ("contract", "four--fields", Reason.CONTRACT_INVALID),
        ("contract", "a" * 101, Reason.CONTRACT_INVALID),
        ("client", None, Reason.CLIENT_INVALID),
        ("client", "-acme", Reason.CLIENT_INVALID),
        ("client", "a" * 64, Reason.CLIENT_INVALID),
        ("client", "acm\u00e9", Reason.CLIENT_INVALID),
        ("contract_version", None, Reason.CONTRACT_VERSION_INVALID),
        ("contract_version", "one", Reason.CONTRACT_VERSION_INVALID),
        ("contract_version", "\u0661", Reason.CONTRACT_VERSION_INVALID),
        ("layout", "parquet", Reason.LAYOUT_INVALID),
    ],
)
def test_an_attribute_out_of_form_is_refused_by_name(
    make_record: MakeRecord, name: str, value: str | None, reason: Reason
) -> None:
    """Attributes become keys and metadata, so that nothing out of form may pass."""
    with pytest.raises(PermanentError) as caught:
        read_message(make_record({name: value}))

    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "context", ['{"a":"\x7f"}', '{"a":\t1}', "{\ud800}", "{" + "x" * 1023 + "}"]
)
def test_a_context_that_is_no_header_is_refused(make_message: MakeMessage, context: str) -> None:
    """Botocore would raise for it, and take the whole batch with it."""
    with pytest.raises(PermanentError) as caught:
        make_message({"context": context})

    assert caught.value.reason is Reason.CONTEXT_INVALID
