"""Message ids: UUIDs of version 7 (RFC 9562), which carry the time of receipt."""

import hashlib
import re
from datetime import UTC, datetime
from uuid import UUID

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LAST_MS = 253_402_300_799_999  # 48 bits reach beyond the year 9999, a datetime does not


def uuid7(time_ms: int, random_bits: int) -> str:
    """Return a UUIDv7 of *time_ms* (Unix milliseconds) and the low 74 of *random_bits*."""
    value = (time_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return str(UUID(int=value))


def derived_uuid7(seed: str, index: int, digest: str) -> str:
    """Return the UUIDv7 that always follows from *seed*, with the seed's own time."""
    bits = hashlib.sha256(f"{seed}/{index}/{digest}".encode()).digest()
    return uuid7(time_ms_of(seed), int.from_bytes(bits[:10]))


def is_message_id(text: str) -> bool:
    """Return whether *text* is a lower-case UUIDv7 of a time before the year 10000."""
    return _CANONICAL.fullmatch(text) is not None and time_ms_of(text) <= _LAST_MS


def time_ms_of(message_id: str) -> int:
    """Return the Unix milliseconds that *message_id* carries."""
    return UUID(message_id).int >> 80


def received_at_of(message_id: str) -> datetime:
    """Return the time of receipt that *message_id* carries."""
    seconds, milliseconds = divmod(time_ms_of(message_id), 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)


def timestamp(moment: datetime) -> str:
    """Return *moment* (UTC) as RFC 3339 with milliseconds: `2026-01-15T10:27:10.123Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
