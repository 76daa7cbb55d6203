"""Telemetry: one line per request, which alarms can count on and a person can search."""

import json
import sys
from typing import Any, cast

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from validator.intake.message import Message
from validator.intake.message_id import uuid7
from validator.intake.queue import Sent
from validator.problems import Kind, ProblemError, unavailable
from validator.telemetry import Telemetry

MINUTE_MS = 60_000
HASH = "0c83f57c"
INVALID = ProblemError(Kind.INVALID_MESSAGE, "No.")


class Lines(EphemeralMetrics):
    """Metrics whose next line can be looked at."""

    def take(self) -> dict[str, Any]:
        """Return the line that a request would have ended with; the next one begins."""
        line = cast("dict[str, Any]", self.serialize_metric_set())
        self.clear_metrics()
        return line


def message(number: int, body: str = "{}") -> Message:
    """Return a message that was queued."""
    return Message(uuid7(1, number), "email", "1", "message", "acme", body)


@pytest.fixture
def lines() -> Lines:
    """Return the metrics of one execution environment."""
    return Lines(namespace="Weir", service="validator")


class Milliseconds:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.now = 5 * MINUTE_MS

    def __call__(self) -> int:
        """Return the milliseconds that the test has set."""
        return self.now


@pytest.fixture
def wall() -> Milliseconds:
    """Return a clock that stands still."""
    return Milliseconds()


@pytest.fixture
def telemetry(lines: Lines, wall: Milliseconds) -> Telemetry:
    """Return the telemetry of one execution environment."""
    return Telemetry(Logger(service="validator"), cast("Any", lines), wall)


def test_says_what_was_queued_in_the_line_that_counts_it(
    telemetry: Telemetry, lines: Lines
) -> None:
    """A line of its own costs money for each message, and a search needs both together."""
    one = message(1)

    telemetry.taken([one], "acme", HASH, "email")

    line = lines.take()
    assert line["MessagesAccepted"] == [1.0]
    assert (line["message"], line["message_id"]) == ("message queued", one.message_id)
    assert (line["client"], line["contract"]) == ("acme", "email")
    assert line["token_hash"] == HASH
    assert line["size_bytes"] == one.size_bytes()


def test_names_every_message_of_a_batch(telemetry: Telemetry, lines: Lines) -> None:
    """Each message can be found by its id, however it was sent."""
    first, second = message(1), message(2)

    telemetry.taken([first, INVALID, second], "acme", HASH, "email")

    line = lines.take()
    assert (line["MessagesAccepted"], line["MessagesRefused"]) == ([2.0], [1.0])
    assert line["message"] == "messages queued"
    assert line["message_ids"] == f"{first.message_id} {second.message_id}"
    assert "message_id" not in line


def test_counts_zeros_in_the_first_request_of_each_minute(
    telemetry: Telemetry, lines: Lines, wall: Milliseconds
) -> None:
    """An alarm needs data while all is well; CloudWatch adds up minutes, and bytes cost."""
    seen = []
    for now in (wall.now, wall.now + MINUTE_MS - 1, wall.now + MINUTE_MS):
        wall.now = now
        telemetry.taken([message(1)], "acme", HASH, "email")
        line = lines.take()
        seen.append({name: line.get(name) for name in ("MessagesRefused", "TokensRefused")})

    zeros = {"MessagesRefused": [0.0], "TokensRefused": [0.0]}
    assert seen == [zeros, dict.fromkeys(zeros), zeros]


def test_counts_what_is_refused_at_any_time(telemetry: Telemetry, lines: Lines) -> None:
    """What is not zero is never left out."""
    telemetry.taken([message(1)], "acme", HASH, "email")
    lines.take()

    telemetry.refused(ProblemError(Kind.INVALID_TOKEN, "No."), "192.0.2.1", messages=1)
    telemetry.refused(INVALID, "192.0.2.1", messages=1)
    telemetry.taken([INVALID, INVALID], "acme", HASH, "email")

    line = lines.take()
    assert line["TokensRefused"] == [1.0]
    assert line["MessagesRefused"] == [1.0, 2.0]
    assert "message" not in line


def test_counts_what_sqs_did_not_confirm(telemetry: Telemetry, lines: Lines) -> None:
    """It may be stored all the same, and would hide a loss in the ledger."""
    telemetry.sent(Sent(set(), 3), 12)
    telemetry.taken([unavailable("Later.")], "acme", HASH, "email")

    line = lines.take()
    assert sum(line["MessagesUnconfirmed"]) == 3
    assert line["MessagesAccepted"] == [0.0]


def test_what_weir_could_not_do_is_nobodys_fault(telemetry: Telemetry, lines: Lines) -> None:
    """A message that found no queue was not refused: its sender will send it again."""
    telemetry.sent(Sent({"an id"}, 0), 12.3456)
    telemetry.taken([unavailable("Later.")], "acme", HASH, "email")

    line = lines.take()
    assert line["EnqueueTime"] == [12.35]
    assert line["MessagesRefused"] == [0.0]


def test_says_nothing_of_an_earlier_request(telemetry: Telemetry, lines: Lines) -> None:
    """A message's id in another's line would send a search astray."""
    telemetry.taken([message(1)], "acme", HASH, "email")
    lines.take()

    telemetry.refused(INVALID, "192.0.2.1", messages=1)

    assert not {"message", "message_id", "client"} & lines.take().keys()


def test_names_the_token_of_messages_that_were_all_refused(
    telemetry: Telemetry, lines: Lines
) -> None:
    """A sender whose every message is invalid still uses its token."""
    telemetry.taken([INVALID], "acme", HASH, "email")

    line = lines.take()
    assert (line["client"], line["token_hash"]) == ("acme", HASH)


def test_leaves_nothing_behind_without_a_line(telemetry: Telemetry, lines: Lines) -> None:
    """Powertools would write it into the next request's line, which may be another client's."""
    telemetry.taken([message(1)], "acme", HASH, "email")
    lines.take()

    telemetry.taken([unavailable("Later.")], "acme", HASH, "email")
    telemetry.refused(INVALID, "192.0.2.1", messages=1)

    assert not {"client", "token_hash"} & lines.take().keys()


def test_names_the_client_whose_token_is_refused(
    lines: Lines, wall: Milliseconds, capsys: pytest.CaptureFixture[str]
) -> None:
    """An expired token or a right that is missing is somebody's, who has to be told."""
    telemetry = Telemetry(Logger(service="refusals", stream=sys.stdout), cast("Any", lines), wall)

    telemetry.refused(ProblemError(Kind.EXPIRED_TOKEN, "", client="acme"), "192.0.2.1", messages=1)
    telemetry.refused(ProblemError(Kind.INVALID_TOKEN, ""), "192.0.2.1", messages=1)

    known, unknown = map(json.loads, capsys.readouterr().out.splitlines())
    assert (known["client"], known["reason"]) == ("acme", "expired-token")
    assert "client" not in unknown


def test_counts_webhooks_that_were_queued_without_a_key(telemetry: Telemetry, lines: Lines) -> None:
    """They may be stored twice; without any, zeros say that nothing was missed."""
    telemetry.taken([message(1)], "acme", HASH, "email")
    assert lines.take()["WebhooksUnkeyed"] == [0]

    telemetry.counted("WebhooksUnkeyed", 1)
    telemetry.taken([message(2)], "acme", HASH, "email")
    assert lines.take()["WebhooksUnkeyed"] == [1]
