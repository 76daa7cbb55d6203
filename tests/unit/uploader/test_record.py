"""A record: one SQS message as Lambda hands it over."""

from datetime import UTC, datetime
from typing import Any

import pytest
from uploader.failures import ForeignEventError
from uploader.record import read_records


def test_a_record_is_read_with_what_sqs_says_about_it(batch: dict[str, Any]) -> None:
    """The receive count decides the back-off, the sending time where quarantine is."""
    [first, *_] = read_records(batch)

    assert first.sqs_id == "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"
    assert first.receive_count == 1
    assert first.sent_at == datetime(2026, 1, 15, 10, 20, 30, 164000, UTC)
    assert first.group == "acme"
    assert first.attribute("contract") == "email"
    assert first.attribute("no-such") == ""


def test_an_event_without_records_is_empty() -> None:
    """An empty batch is done."""
    assert read_records({"Records": []}) == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": None},
        {"Records": [None]},
        {"Records": [{"eventSource": "aws:s3"}]},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {"Records": [{"eventSource": "aws:sqs", "attributes": {"ApproximateReceiveCount": "x"}}]},
    ],
)
def test_an_event_of_another_kind_is_refused(event: dict[str, Any]) -> None:
    """Acknowledging it would lose it."""
    with pytest.raises(ForeignEventError, match="takes batches of SQS"):
        read_records(event)
