"""Parses a record into a Weir message."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .failures import PermanentError, Reason
from .record import Record

# A canonical UUIDv7 (RFC 9562, section 5.7): its first 48 bits are Unix milliseconds.
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_FORMS = {
    "message_id": _UUID7,
    "contract": re.compile(r"[a-z0-9](-?[a-z0-9]){0,99}"),
    "client": re.compile(r"[a-z0-9][a-z0-9-]{0,62}"),
    "contract_version": re.compile(r"[1-9][0-9]{0,8}"),
    "layout": re.compile("(message|batch)?"),  # Weir 0.1.0's validator names none
    # JSON of at most 1 KB, so that S3's 2 KB of metadata hold it beside the rest.
    "context": re.compile(r"(\{[ -~]{0,1022}\})?"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """A message the validator has accepted; *text* is its JSON, byte for byte as it was sent."""

    record: Record
    message_id: str
    contract: str
    client: str
    contract_version: str
    layout: str
    received_at: datetime
    text: bytes
    context: str  # kept beside it, as JSON; empty if there is none


def read_message(record: Record) -> Message:
    """Return the message that *record* carries; raise PermanentError if it is not a Weir one."""
    text = _json_object(record.body)
    values = {name: _matching(form, record, name) for name, form in _FORMS.items()}
    milliseconds = int(values["message_id"].replace("-", "")[:12], 16)
    try:
        received_at = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:  # 48 bits reach beyond the year 9999
        raise PermanentError(Reason.MESSAGE_ID_INVALID) from error
    return Message(record=record, received_at=received_at, text=text, **values)


def _matching(form: re.Pattern[str], record: Record, name: str) -> str:
    value = record.attribute(name)
    if not form.fullmatch(value):
        raise PermanentError(Reason[f"{name.upper()}_INVALID"])
    return value


def _not_json(constant: str) -> None:
    raise ValueError(constant)


# Numbers stay text: their values do not matter here, and Python refuses an int of 5,000 digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_not_json)


def _json_object(body: str) -> bytes:
    try:
        text = body.encode()
    except UnicodeEncodeError as error:
        raise PermanentError(Reason.BODY_NOT_UTF_8) from error
    try:
        value = _DECODER.decode(body)
    except ValueError as error:
        raise PermanentError(Reason.BODY_NOT_JSON) from error
    except RecursionError as error:
        raise PermanentError(Reason.BODY_NESTED_TOO_DEEP) from error
    if not isinstance(value, dict):
        raise PermanentError(Reason.BODY_NOT_AN_OBJECT)
    return text
