"""The recorded events of `events/`, which `sam local invoke` takes as well."""

import json
from typing import Any

from operations.project import ROOT

EVENTS = ROOT / "events"


def event(name: str) -> dict[str, Any]:
    """Return the recorded event *name*, such as `validator/post_email`, to be changed at will."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


def agreement() -> dict[str, Any]:
    """Return what validator and uploader must agree on."""
    return event("agreement")
