"""The canary's message: its text, its receipt, its key, and whether it was stored in time."""

import json
from datetime import UTC, datetime
from typing import Any

CANARY = "canary"  # the client, and the contract that only this client may send
STORED_WITHIN_SECONDS = 60  # docs/runbook.md says how often it must be met


class UnprovenError(Exception):
    """A message cannot be shown to be stored; the text says why."""


def text_at(moment: datetime) -> dict[str, str]:
    """Return the message that is sent at *moment*."""
    return {"sent_at": moment.isoformat(timespec="milliseconds")}


def receipt_of(status: object, body: Any) -> str:
    """Return the id in a receipt; raise UnprovenError for any other answer."""
    if status != 202:
        raise UnprovenError(f"not accepted: answered with {status}")
    try:
        message_id = str(json.loads(body)["message_id"])
        received_at(message_id)
    except (ValueError, KeyError, TypeError) as error:
        raise UnprovenError("not accepted: answered with 202 without a receipt") from error
    return message_id


def received_at(message_id: str) -> datetime:
    """Return when the message was accepted: its id, a UUIDv7, begins with that millisecond."""
    return datetime.fromtimestamp(int(message_id.replace("-", "")[:12], 16) / 1000, UTC)


def key_of(message_id: str) -> str:
    """Return the key under which the uploader stores the canary's message."""
    moment = received_at(message_id)
    time = f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
    return f"messages/contract={CANARY}/{moment:dt=%Y-%m-%d/hour=%H}/{time}_{message_id}.json"


def judge(message_id: str, stored_at: datetime | None, now: datetime) -> tuple[float, str | None]:
    """Return the seconds until a message was stored, or so far, and what is wrong with them.

    The fault is None while the message still has time, and empty if it was stored in time. S3
    gives *stored_at* in whole seconds, so it may be before the receipt.
    """
    seconds = max(0.0, ((stored_at or now) - received_at(message_id)).total_seconds())
    if seconds > STORED_WITHIN_SECONDS:
        return seconds, f"not stored for {seconds:.0f} s"
    return seconds, "" if stored_at else None
