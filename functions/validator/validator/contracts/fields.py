"""The types of fields that contracts are made of."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_LAST_SECOND = 253_402_300_799  # the end of the year 9999, the last that ISO 8601 writes plainly
_ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?([Zz]|[+-]\d{2}(:?\d{2})?)", re.ASCII
)


def _timestream(text: str) -> str:
    if not (_is_unix_seconds(text) or _is_iso_8601(text)):
        raise PydanticCustomError(
            "timestream", "Should be Unix seconds or an ISO 8601 time with a time zone"
        )
    return text


def _is_unix_seconds(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,12}", text) is not None and int(text) <= _LAST_SECOND


def _is_iso_8601(text: str) -> bool:
    if not _ISO_8601.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


NonEmptyText = Annotated[str, Field(min_length=1)]

Timestream = Annotated[
    str,
    AfterValidator(_timestream),
    WithJsonSchema(
        {
            "type": "string",
            "description": "Unix seconds as text, or ISO 8601 with a time zone.",
            "anyOf": [{"pattern": "^[0-9]{1,12}$"}, {"format": "date-time"}],
        }
    ),
]
