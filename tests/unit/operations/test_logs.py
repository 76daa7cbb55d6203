"""What functions log is readable for a person, and nothing that matters is left out."""

import json
from typing import Any

import pytest

from operations.logs import as_line, chosen, show

MOMENT = 1_795_230_851_000  # 2026-11-21 03:14:11 UTC


class FakeLogs:
    """Log groups with *events*: time, stream and message of each."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}

    def put(self, group: str, moment: int, message: str) -> None:
        """Keep one event."""
        event = {"timestamp": moment, "logStreamName": "s", "message": message}
        self.events.setdefault(group, []).append(event)

    def get_paginator(self, _: str) -> "FakeLogs":
        """Return what pages."""
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> list[dict[str, Any]]:  # noqa: N803
        """Return a page."""
        found = self.events.get(logGroupName, [])
        return [{"events": [event for event in found if event["timestamp"] >= startTime]}]


def test_structured_line_is_one_for_a_person() -> None:
    """The time, the function and what happened come first."""
    entry = {
        "level": "WARNING",
        "message": "message delayed",
        "reason": "SlowDown",
        "seconds": 30,
        "service": "uploader",
    }

    assert (
        as_line(MOMENT, "uploader", json.dumps(entry))
        == "03:14:11 uploader     WARNING message delayed  reason=SlowDown seconds=30"
    )


def test_exception_keeps_its_traceback() -> None:
    """It is what a developer looks for."""
    entry = {
        "level": "ERROR",
        "message": "failed",
        "exception": "Traceback:\n  line\nKeyError: 'A'",
    }

    line = as_line(MOMENT, "uploader", json.dumps(entry))

    assert line
    assert line.splitlines()[1:] == ["Traceback:", "  line", "KeyError: 'A'"]


@pytest.mark.parametrize(
    "text",
    ["START RequestId: 1", "REPORT RequestId: 1\tDuration: 2 ms", '{"_aws": {}, "Time": 1}', ""],
)
def test_what_only_a_machine_reads_is_left_out(text: str) -> None:
    """Every message would drown in it."""
    assert as_line(MOMENT, "uploader", text) is None


def test_plain_text_is_shown_as_it_is() -> None:
    """A crash at import is not structured."""
    line = as_line(MOMENT, "uploader", "Task timed out")

    assert line == "03:14:11 uploader     Task timed out"


def test_lines_of_all_functions_are_in_order_of_time() -> None:
    """A message's way leads from one function to the other."""
    logs = FakeLogs()
    logs.put("u", MOMENT + 1000, "second")
    logs.put("v", MOMENT, "first")
    logs.put("v", MOMENT - 60_000, "too old")
    asked: Any = logs

    shown = list(show(asked, {"uploader": "u", "validator": "v"}, MOMENT, follow=False))

    assert [line.split()[-1] for line in shown] == ["first", "second"]


def test_function_is_found_by_any_of_its_names() -> None:
    """In the template, in the code and in the log it is written in three ways."""
    groups = {"latencyprobe": "1", "uploader": "2"}

    for name in ("LatencyProbeFunction", "latency_probe", "latency", "latency-probe"):
        assert chosen(groups, name) == {"latencyprobe": "1"}
    assert chosen(groups, "") == groups
    with pytest.raises(SystemExit, match="none of latencyprobe, uploader"):
        chosen(groups, "probe")
