"""When the first message is not stored, the functions' own words say why."""

import json

from local.stack.demo import complaints


def line(level: str, **said: str) -> str:
    """Return a line of a function's log."""
    return json.dumps({"level": level, "service": "uploader", **said})


def test_the_newest_causes_come_first_and_once() -> None:
    """A thousand equal lines are one cause."""
    lines = [
        "==> /aws/lambda/uploader",
        "START RequestId: 1",
        line("INFO", message="message stored"),
        line("ERROR", message="old"),
        *[line("ERROR", message="batch failed", reason="AccessDenied")] * 1000,
        line("WARNING", message="message delayed", reason="SlowDown"),
        "[1, 2]",
    ]

    assert complaints(lines) == [
        "uploader: message delayed, SlowDown",
        "uploader: batch failed, AccessDenied",
        "uploader: old",
    ]
