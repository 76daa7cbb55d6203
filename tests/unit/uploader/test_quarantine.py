"""Where a delivery goes that is no message of ours."""

import json
from collections.abc import Callable

from uploader.delivery import Delivery
from uploader.faults import Reason
from uploader.quarantine import quarantine_object

MakeDelivery = Callable[..., Delivery]


def test_quarantine_keeps_bytes_reason_and_all_that_replay_needs(
    make_delivery: MakeDelivery,
) -> None:
    """What was refused today may be a message once the fault is mended."""
    delivery = make_delivery(body="{cut \u00e9")

    write = quarantine_object(delivery, Reason.BODY_NOT_JSON)

    assert write.body == "{cut \u00e9".encode()
    assert write.metadata["reason"] == "body-not-json"
    assert write.metadata["message_group_id"] == "acme"
    assert json.loads(write.metadata["message_attributes"]) == delivery.attributes


def test_the_key_tells_reason_and_time_and_is_the_same_at_every_delivery(
    make_delivery: MakeDelivery,
) -> None:
    """Replay filters by listing; redelivery adds no second object."""
    first = quarantine_object(make_delivery(), Reason.BODY_NOT_JSON)
    again = quarantine_object(
        make_delivery(receive_count=7, receipt_handle="another"), Reason.BODY_NOT_JSON
    )

    assert first.key == again.key
    assert first.key == (
        "quarantine/reason=body-not-json/dt=2026-01-15/"
        "20260115T102030.164Z_0c83f57c-786a-4b4a-b9ef-ab23731c7ebc.txt"
    )


def test_metadata_is_ascii_whatever_the_attributes_hold(make_delivery: MakeDelivery) -> None:
    """S3 takes no other."""
    delivery = make_delivery({"client": "acm\u00e9 \u4f60\u0007"})

    write = quarantine_object(delivery, Reason.CLIENT_INVALID)

    assert all(value.isascii() and value.isprintable() for value in write.metadata.values())


def test_a_body_that_is_no_text_is_kept_too(make_delivery: MakeDelivery) -> None:
    """SQS sends none, but an event made by hand must not fail the batch."""
    write = quarantine_object(make_delivery(body="\ud800"), Reason.BODY_NOT_UTF_8)

    assert write.body.decode(errors="surrogatepass") == "\ud800"
