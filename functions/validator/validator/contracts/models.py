"""The contracts: one model each. To add one, add a class here (docs/contracts.md has an example).

A subclass of `Contract` is served at `POST /messages/<its name in kebab case>`; `make generated`
writes its place in the OpenAPI document. A class whose name begins with `_` is a base for others
and has no route. A model only checks: a message is stored as it was sent. It is strict, so `"12"`
is not a number, and refuses members that it does not name unless it says `extra="allow"`. A nested
model is a subclass of `Part`, which is as strict. A contract may name its `layout`; a change of it
raises the version (docs/contracts.md). What cannot work stops the import with an
UnusableContractError that says why.
"""

from typing import Any, ClassVar, Literal, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from .fields import NonEmptyText, Timestream


class Part(BaseModel):
    """The base of models that are nested in contracts; it has no route."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Contract(Part):
    """The base of all contracts."""

    version: ClassVar[str] = "1"
    layout: ClassVar[Literal["message", "batch"] | None] = None
    example: ClassVar[dict[str, Any]]


class Email(Contract):
    """An e-mail: exactly four members, each non-empty text."""

    example = {
        "email_subject": "Happy new year!",
        "email_sender": "John doe",
        "email_timestream": "1693561101",
        "email_content": "Just want to say... Happy new year!!!",
    }

    email_subject: NonEmptyText
    email_sender: NonEmptyText
    email_timestream: Timestream
    email_content: NonEmptyText


class FourFields(Contract):
    """At least four fields of any name, each non-empty text."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"minProperties": 4})

    example = {"field1": "value1", "field2": "value2", "field3": "value3", "field4": "value4"}

    __pydantic_extra__: dict[str, NonEmptyText] = Field(init=False)

    @model_validator(mode="wrap")
    @classmethod
    def _count_fields(cls, value: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, dict) or len(value) >= 4:
            return check(value)
        count = PydanticCustomError(
            "too_few_fields",
            "At least 4 fields are needed: {missing} more",
            {"missing": 4 - len(value)},
        )
        faults = [InitErrorDetails(type=count, loc=(), input=value)]
        try:
            check(value)
        except ValidationError as error:  # report every fault at once
            faults += cast("list[InitErrorDetails]", error.errors(include_url=False))
        raise ValidationError.from_exception_data(cls.__name__, faults)


class Timestamped(Contract):
    """Anything that says when it happened: a valid time, and whatever else is sent."""

    model_config = ConfigDict(extra="allow")

    example = {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}

    email_timestream: Timestream


class AnyObject(Contract):
    """Any JSON object: for messages that have no model yet."""

    model_config = ConfigDict(extra="allow")

    example = {"anything": {"goes": ["here", 1, None]}}


class Canary(Contract):
    """The canary's own message; no client but `canary` may send it."""

    layout = "message"  # it looks its receipts up
    example = {"sent_at": "2026-01-15T10:20:30.123+00:00"}

    sent_at: NonEmptyText
