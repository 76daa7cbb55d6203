"""When the first message is not stored, the functions' own words say why."""

import json

from local.stack.demo import complaints


def line(level: str, **said: str) -> str:
    """Return a line of a function's log."""
    return json.dumps({"level": level, "service": "uploader", **said})


def test_errors_come_first_the_newest_of_them_and_once() -> None:
    """A thousand equal lines are one cause, and a function's log may stand before an older one."""
    lines = [
        "==> /aws/lambda/uploader",
        "START RequestId: 1",
        line("INFO", message="message stored", timestamp="3"),
        *[line("ERROR", message="batch failed", reason="AccessDenied", timestamp="2")] * 1000,
        line("ERROR", message="old", timestamp="1"),
        line("WARNING", message="message refused", reason="not-found", timestamp="4"),
        "[1, 2]",
    ]

    assert complaints(lines) == [
        "uploader: batch failed, AccessDenied",
        "uploader: old",
        "uploader: message refused, not-found",
    ]
