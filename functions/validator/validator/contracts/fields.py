"""The types of fields that contracts are made of."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

# One definition for code and OpenAPI: regular expressions that Python and JSON Schema both know.
# Up to 253402300799, the end of the year 9999, the last that ISO 8601 writes in four digits.
UNIX_SECONDS = (
    "([0-9]{1,11}|[01][0-9]{11}|2[0-4][0-9]{10}|25[0-2][0-9]{9}|253[0-3][0-9]{8}|25340[01][0-9]{6}"
    "|253402[0-2][0-9]{5}|253402300[0-7][0-9]{2})"
)
# A day that exists, from the year 1 on: months of 31, 30 and 28 days, and the leap day.
_DAY = (
    "(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?"
_ZONE = "([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
ISO_8601 = f"{_DAY}[Tt]{_TIME}{_ZONE}"

_TIMESTREAM = re.compile(f"{UNIX_SECONDS}|{ISO_8601}")


def _timestream(text: str) -> str:
    if not _TIMESTREAM.fullmatch(text):
        raise PydanticCustomError(
            "timestream", "Should be Unix seconds or an ISO 8601 time with a time zone"
        )
    return text


NonEmptyText = Annotated[str, Field(min_length=1)]

Timestream = Annotated[
    str,
    AfterValidator(_timestream),
    WithJsonSchema(
        {
            "type": "string",
            "description": "Unix seconds as text, or ISO 8601 with a time zone.",
            "anyOf": [{"pattern": f"^{UNIX_SECONDS}$"}, {"pattern": f"^{ISO_8601}$"}],
        }
    ),
]
