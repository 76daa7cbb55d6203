"""The pre-traffic check of the uploader: a message must be stored where it belongs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from uuid import UUID

from .message import UnprovenError, key_of, text_at
from .release import invoke, objects_of, report


def lambda_handler(event: dict[str, str], _context: object) -> None:
    """Hand the new version one record of SQS, and look for the object."""
    report(event, _check)


def _check() -> None:
    moment = datetime.now(UTC)
    time_ms = round(moment.timestamp() * 1000)
    message_id = str(UUID(int=time_ms << 80 | 7 << 76 | 2 << 62 | randbits(62)))  # a UUIDv7
    event = json.loads(Path(__file__).with_name("sqs_event.json").read_text())
    [record] = event["Records"]
    record["body"] = json.dumps(text_at(moment))
    record["attributes"]["SentTimestamp"] = str(time_ms)
    record["messageAttributes"]["message_id"]["stringValue"] = message_id
    if invoke(event).get("batchItemFailures"):
        raise UnprovenError("it could not store a message; its log says why")
    found, key = objects_of(message_id), key_of(message_id)
    if key not in found:
        place = ", ".join(found) or "dropped, or written to another bucket or folder"
        raise UnprovenError(f"it acknowledged a message that is not stored as {key}: {place}")
