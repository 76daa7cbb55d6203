"""The canary's handler with real metrics, between a stand-in for SSM and one for the API."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.canary.account import Account
from tests.support.edge import EdgeConnection, serving
from tests.support.execution import Function, set_environment
from tests.support.template import AWS, template_environment

NAME = "/weir/dev/tokens/canary"
TOKEN = json.dumps({"tokens": [{"token": "canarys-secret", "expires_at": None}]})


class Api(EdgeConnection):
    """Accepts messages with a new id each, and says of all that they are stored, or not."""

    status: int
    stored: bool
    ids: list[str]

    def do_POST(self) -> None:
        """Accept a message, or refuse it."""
        self.body()
        self.ids.append(f"019bc12b-c62b-7224-8417-{len(self.ids):012}")
        self.answer(self.status, json.dumps({"message_id": self.ids[-1]}).encode())

    def do_GET(self) -> None:
        """Answer a look-up."""
        found = b'{"stored_at": "2026-01-15T10:20:31.000Z"}'
        self.answer(200 if self.stored else 404, found if self.stored else b"{}")


@pytest.fixture
def api() -> type[Api]:
    """Return an API that stores everything."""
    Api.status, Api.stored, Api.ids = 202, True, []
    return Api


@pytest.fixture
def canary(
    api: type[Api], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """Return what runs a minute of the canary, so many seconds after the first message's receipt.

    It returns the metrics' values by name, and the lines of the log.
    """
    with Account() as account, serving(api) as url:
        account.parameters[NAME] = TOKEN
        environment = template_environment("canary", API_URL=url, AWS_ENDPOINT_URL=account.url)
        set_environment(monkeypatch, AWS | environment)
        function = Function("canary")

        def minute(seconds: float) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            class Clock(datetime):
                @classmethod
                def now(cls, _: Any = None) -> datetime:  # type: ignore[override]
                    received = datetime(2026, 1, 15, 10, 20, 30, 123000, UTC)
                    return received + timedelta(seconds=seconds)

            monkeypatch.setattr(function.module, "datetime", Clock)
            capsys.readouterr()
            (handler,) = logging.getLogger("canary").handlers
            assert isinstance(handler, logging.StreamHandler)
            handler.stream = sys.stdout  # the one before may be closed
            function({})
            lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
            [counts] = [line for line in lines if "_aws" in line]
            assert counts["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "service"]]
            assert (counts["stage"], counts["service"]) == ("dev", "canary")
            assert "canarys-secret" not in str(lines)
            return counts, [line for line in lines if "_aws" not in line]

        minute.account = account  # type: ignore[attr-defined]
        yield minute


def test_a_good_minute_is_one_line(canary: Any, api: type[Api]) -> None:
    """Logs cost more than computing does; the first minute has nothing to look up."""
    first, lines = canary(0)
    second, more = canary(60.2)

    assert (first["CanaryLate"], "Freshness" in first) == ([0], False)
    assert (second["CanaryLate"], second["Freshness"]) == ([0], [0.877])
    assert (lines, more, len(api.ids)) == ([], [], 2)


def test_a_message_that_is_not_stored_is_late_until_it_is_forgotten(
    canary: Any, api: type[Api]
) -> None:
    """Looked at just before the minute is over, it still has time."""
    canary(0)
    api.stored = False

    found = [canary(seconds) for seconds in (59.9, 120.1, 180.1, 240.1)]

    assert [counts["CanaryLate"] for counts, _ in found] == [[0], [1], [1], [1]]
    [line, *_] = found[1][1]
    assert (line["message"], line["reason"]) == ("canary late", "not stored for 120 s")
    assert max(found[-1][0]["Freshness"]) > 150


def test_a_refusal_is_late_at_once(canary: Any, api: type[Api]) -> None:
    """A sender without a 202 need not wait a minute to know."""
    api.status = 503

    counts, [line] = canary(0)

    assert counts["CanaryLate"] == [1]
    assert line["reason"] == "not accepted: answered with 503"


def test_without_a_token_nothing_is_sent_and_nothing_rings(canary: Any, api: type[Api]) -> None:
    """The first deployment has none; the canary is not silent either, which would ring."""
    del canary.account.parameters[NAME]

    counts, [line] = canary(0)

    assert (counts["CanaryLate"], "Freshness" in counts, api.ids) == ([0], False, [])
    assert line["message"] == "canary has no token"


def test_a_token_that_is_removed_is_still_shown(canary: Any, api: type[Api]) -> None:
    """The validator refuses it within minutes, which rings; to send nothing would not."""
    canary(0)
    del canary.account.parameters[NAME]

    canary(60)

    assert len(api.ids) == 2
