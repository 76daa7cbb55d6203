"""Records made from the recorded samples, one thing changed at a time."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from uploader.message import Message, read_message
from uploader.record import Record, read_records

from tests.support.events import event

MakeRecord = Callable[..., Record]
MakeMessage = Callable[..., Message]


@pytest.fixture
def batch() -> dict[str, Any]:
    """Return the recorded event of three good messages."""
    return event("uploader/batch")


@pytest.fixture
def make_record(batch: dict[str, Any]) -> MakeRecord:
    """Return what makes a record of the first sample, with fields or attributes changed."""
    [sample, *_] = read_records(batch)

    def make(attributes: dict[str, str | None] | None = None, **fields: Any) -> Record:
        changed = dict(copy.deepcopy(sample.attributes))
        for name, value in (attributes or {}).items():
            if value is None:
                del changed[name]
            else:
                changed[name] = {"stringValue": value, "dataType": "String"}
        return replace(sample, attributes=changed, **fields)

    return make


@pytest.fixture
def make_message(make_record: MakeRecord) -> MakeMessage:
    """Return what makes a message of the first sample, with body or attributes changed."""

    def make(attributes: dict[str, str | None] | None = None, **fields: Any) -> Message:
        return read_message(make_record(attributes, **fields))

    return make
