"""Messages as the validator sends them, any number of them, and what must become of them."""

import copy
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.support.events import event

FIRST_MS = int(datetime(2026, 1, 15, 10, 20, 30, tzinfo=UTC).timestamp() * 1000)

SAMPLE: dict[str, Any] = event("uploader/single")["Records"][0]


def sqs_records(count: int) -> list[dict[str, Any]]:
    """Return *count* records, a millisecond apart, each with an id and content of its own."""
    return [sqs_record(number) for number in range(count)]


def sqs_record(number: int) -> dict[str, Any]:
    """Return the recorded sample with the id and the content of message *number*."""
    record = copy.deepcopy(SAMPLE)
    record["messageId"] = str(uuid.UUID(int=number, version=4))
    record["body"] = json.dumps({"email_subject": f"Message {number}", "number": number})
    record["messageAttributes"]["message_id"]["stringValue"] = message_id(number)
    del record["messageAttributes"]["layout"]  # StorageLayout decides
    return record


def message_id(number: int) -> str:
    """Return the UUIDv7 of message *number*."""
    return str(uuid.UUID(int=(FIRST_MS + number << 80) | (7 << 76) | (2 << 62) | number))


def contents(records: list[dict[str, Any]]) -> dict[str, bytes]:
    """Return what must be stored in the end: each message's bytes, by its id."""
    return {
        record["messageAttributes"]["message_id"]["stringValue"]: record["body"].encode()
        for record in records
    }
