"""The probe's handler on sample events, against sockets of this machine."""

import importlib
import json
import logging
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EVENTS = Path(__file__).parents[2] / "events" / "latency_probe"


def event(name: str) -> dict[str, Any]:
    """Load a sample event."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


class Context:
    """What Lambda tells a function about its call."""

    function_name = "latency-probe"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:latency-probe"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Give what is left of the function's timeout."""
        return 25_000


@pytest.fixture
def listening() -> Iterator[str]:
    """Listen on a port with room for every probe."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """Listen with a full accept queue, so that nothing is ever answered."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),
    ):
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, listening: str) -> pytest.MonkeyPatch:
    """Set the template's environment, quick enough for a test."""
    for name, value in {
        "POWERTOOLS_SERVICE_NAME": "latency_probe",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PROBE_TARGETS": listening,
        "PROBE_METHOD": "tcp",
        "PROBE_SAMPLE_COUNT": "5",
        "PROBE_INTERVAL_SECONDS": "0",
        "PROBE_TIMEOUT_SECONDS": "0.05",
        "METRICS_CACHE_SECONDS": "60",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def cold_start() -> ModuleType:
    """Import the handler as Lambda does for a new execution environment."""
    sys.modules.pop("latency_probe.handler", None)
    logging.Logger.manager.loggerDict.pop("latency_probe", None)
    return importlib.import_module("latency_probe.handler")


def written(
    capsys: pytest.CaptureFixture[str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the log lines and the EMF lines that were written."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [one for one in lines if "_aws" not in one], [one for one in lines if "_aws" in one]


def test_a_scheduled_run_publishes_one_line_of_metrics_per_target(
    environment: pytest.MonkeyPatch,
    listening: str,
    silent: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """CloudWatch shows every target, the dead one too."""
    environment.setenv("PROBE_TARGETS", f"{listening},{silent}")

    cold_start().lambda_handler(event("schedule"), Context())

    _, (alive, dead) = written(capsys)
    assert (alive["target"], alive["service"]) == (listening, "latency_probe")
    assert len(alive["RoundTripTime"]) == 5
    assert min(alive["RoundTripTime"]) > 0
    assert (alive["PacketLoss"], alive["TargetReachable"]) == ([0.0], [1.0])
    assert dead["target"] == silent
    assert "RoundTripTime" not in dead
    assert (dead["PacketLoss"], dead["TargetReachable"]) == ([100.0], [0.0])
    assert dead["status"] == "timeout"


def test_a_get_answers_with_json_and_publishes_nothing(
    environment: pytest.MonkeyPatch, listening: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedule is the steady series: scraping must not weigh on CloudWatch's averages."""
    response = cold_start().lambda_handler(event("metrics_json"), Context())

    body = json.loads(response["body"])
    assert response["statusCode"] == 200
    assert response["headers"]["Content-Type"].startswith("application/json")
    assert (body["status"], body["target"]) == ("ok", listening)
    assert body["latency_ms"] > 0
    assert body["targets"][0]["latency_ms"] == body["latency_ms"]
    assert written(capsys)[1] == []


def test_a_second_get_is_answered_from_the_cache_in_whatever_form(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scraping twice a second does not probe twice."""
    handler = cold_start()
    first = json.loads(handler.lambda_handler(event("metrics_json"), Context())["body"])
    capsys.readouterr()

    second = json.loads(handler.lambda_handler(event("metrics_json"), Context())["body"])
    third = handler.lambda_handler(event("metrics_prometheus"), Context())

    assert second == first
    (median,) = re.findall(r"round_trip_median_seconds\{.*\} (.*)", third["body"])
    assert float(median) * 1000 == pytest.approx(first["latency_ms"], abs=0.001)
    assert written(capsys)[0] == []
    assert third["headers"]["Cache-Control"] in {"private, max-age=59", "private, max-age=60"}


@pytest.mark.parametrize(
    ("name", "content_type", "last_line"),
    [
        ("metrics_prometheus", "text/plain; version=0.0.4; charset=utf-8", "weir_probe_"),
        (
            "metrics_openmetrics",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "# EOF",
        ),
    ],
)
def test_prometheus_gets_the_form_that_it_asks_for(
    environment: pytest.MonkeyPatch, name: str, content_type: str, last_line: str
) -> None:
    """Prometheus parses by the content type, so both must be those of its formats."""
    response = cold_start().lambda_handler(event(name), Context())

    assert response["headers"]["Content-Type"] == content_type
    assert response["body"].splitlines()[-1].startswith(last_line)


def test_a_client_that_takes_none_of_the_forms_is_told_which_there_are(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A 406 costs no measurement."""
    response = cold_start().lambda_handler(event("metrics_not_acceptable"), Context())

    assert response["statusCode"] == 406
    assert "application/openmetrics-text" in json.loads(response["body"])["detail"]
    assert [line["message"] for line in written(capsys)[0]] == ["host surveyed"]


def test_the_host_is_surveyed_in_the_first_call_only(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first deployment shows in its log what it can measure with, and at what price."""
    handler = cold_start()

    handler.lambda_handler(event("schedule"), Context())
    handler.lambda_handler(event("schedule"), Context())

    surveys = [line for line in written(capsys)[0] if line["message"] == "host surveyed"]
    assert len(surveys) == 1
    assert 0 < surveys[0]["cpu_share"] <= 1
    assert surveys[0]["icmp_possible"] in {True, False}
    assert surveys[0]["overhead_ms"] > 0
    assert "az_id" not in surveys[0]


def test_no_log_line_holds_the_token(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event carries the sender's Authorization header."""
    cold_start().lambda_handler(event("metrics_json"), Context())

    assert "sample-token" not in capsys.readouterr().out


def test_an_environment_without_targets_fails_the_cold_start(
    environment: pytest.MonkeyPatch,
) -> None:
    """A probe that measures nothing and says so nowhere would be worse."""
    environment.setenv("PROBE_TARGETS", "")

    with pytest.raises(ValueError, match="the list is empty"):
        cold_start()
