"""Deliveries made from the recorded samples, one thing changed at a time."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from uploader.delivery import Delivery, read_deliveries
from uploader.message import Message, read_message

EVENTS = Path(__file__).parents[3] / "events" / "uploader"

MakeDelivery = Callable[..., Delivery]
MakeMessage = Callable[..., Message]


@pytest.fixture
def batch() -> dict[str, Any]:
    """Return the recorded event of three good messages."""
    loaded: dict[str, Any] = json.loads((EVENTS / "batch.json").read_text())
    return loaded


@pytest.fixture
def make_delivery(batch: dict[str, Any]) -> MakeDelivery:
    """Return what makes a delivery of the first sample, with fields or attributes changed."""
    [sample, *_] = read_deliveries(batch)

    def make(attributes: dict[str, str | None] | None = None, **fields: Any) -> Delivery:
        changed = dict(copy.deepcopy(sample.attributes))
        for name, value in (attributes or {}).items():
            if value is None:
                del changed[name]
            else:
                changed[name] = {"stringValue": value, "dataType": "String"}
        return replace(sample, attributes=changed, **fields)

    return make


@pytest.fixture
def make_message(make_delivery: MakeDelivery) -> MakeMessage:
    """Return what makes a message of the first sample, with body or attributes changed."""

    def make(attributes: dict[str, str | None] | None = None, **fields: Any) -> Message:
        return read_message(make_delivery(attributes, **fields))

    return make
