"""The probe's handler on sample events, against sockets of this machine."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import perf_counter
from typing import Any

import pytest
from aws_lambda_powertools.utilities.metadata import clear_metadata_cache

from operations.project import ROOT
from tests.support.events import event
from tests.support.execution import Function, set_environment
from tests.support.template import template_environment

PACKAGE_ROOT = ROOT / "functions" / "latency_probe"


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
    quick = {
        "PROBE_TARGETS": listening,
        "PROBE_SAMPLE_COUNT": "5",
        "PROBE_INTERVAL_SECONDS": "0",
        "PROBE_TIMEOUT_SECONDS": "0.05",
        "METRICS_CACHE_SECONDS": "60",
    }
    set_environment(monkeypatch, template_environment("latency_probe", **quick))
    return monkeypatch


def written(
    capsys: pytest.CaptureFixture[str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the log lines and the EMF lines that were written."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [one for one in lines if "_aws" not in one], [one for one in lines if "_aws" in one]


def test_a_scheduled_run_publishes_a_line_per_target_and_one_for_both(
    environment: pytest.MonkeyPatch,
    listening: str,
    silent: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """CloudWatch shows every target, the dead one too."""
    environment.setenv("PROBE_TARGETS", f"{listening},{silent}")

    Function("latency_probe")(event("latency_probe/schedule"))

    _, (alive, dead, both) = written(capsys)
    assert (alive["target"], alive["service"]) == (listening, "latency_probe")
    assert len(alive["RoundTripTime"]) == 5
    assert min(alive["RoundTripTime"]) > 0
    assert (alive["PacketLoss"], alive["TargetReachable"]) == ([0.0], [1.0])
    assert dead["target"] == silent
    assert "RoundTripTime" not in dead
    assert (dead["PacketLoss"], dead["TargetReachable"]) == ([100.0], [0.0])
    assert dead["status"] == "timeout"
    assert len(both["Jitter"]) == 1
    assert {line["stage"] for line in (alive, dead, both)} == {"dev"}


@pytest.mark.parametrize("foreign", [{}, {"Records": []}, {"source": "aws.events"}])
def test_an_event_of_another_kind_measures_and_publishes_nothing(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], foreign: dict[str, Any]
) -> None:
    """Otherwise whatever is wired to the function by mistake would weigh on the averages."""
    probe = Function("latency_probe")
    capsys.readouterr()

    with pytest.raises(Exception, match=r"schedule.* nothing was measured"):
        probe(foreign)

    lines, metrics = written(capsys)
    assert [line["message"] for line in lines] in ([], ["host surveyed"])
    assert metrics == []


def test_a_get_answers_with_json_and_publishes_nothing(
    environment: pytest.MonkeyPatch, listening: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedule is the steady series: scraping must not weigh on CloudWatch's averages."""
    response = Function("latency_probe")(event("latency_probe/metrics_json"))

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
    probe = Function("latency_probe")
    first = json.loads(probe(event("latency_probe/metrics_json"))["body"])
    capsys.readouterr()

    second = json.loads(probe(event("latency_probe/metrics_json"))["body"])
    third = probe(event("latency_probe/metrics_prometheus"))

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
    response = Function("latency_probe")(event(f"latency_probe/{name}"))

    assert response["headers"]["Content-Type"] == content_type
    assert response["body"].splitlines()[-1].startswith(last_line)


def test_a_client_that_takes_none_of_the_forms_gets_json(
    environment: pytest.MonkeyPatch,
) -> None:
    """A browser or a curl with odd headers is shown the measurement all the same."""
    request = event("latency_probe/metrics_json")
    request["headers"]["accept"] = "text/html;q=1, image/*"

    response = Function("latency_probe")(request)

    assert response["statusCode"] == 200
    assert response["headers"]["Content-Type"] == "application/json; charset=utf-8"


def test_the_host_is_surveyed_in_the_first_call_only(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first deployment shows in its log what it can measure with, and at what price."""
    probe = Function("latency_probe")

    probe(event("latency_probe/schedule"))
    probe(event("latency_probe/schedule"))

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
    Function("latency_probe")(event("latency_probe/metrics_json"))

    assert "sample-token" not in capsys.readouterr().out


def test_an_environment_without_targets_fails_the_cold_start(
    environment: pytest.MonkeyPatch,
) -> None:
    """A probe that measures nothing and says so nowhere would be worse."""
    environment.setenv("PROBE_TARGETS", "")

    with pytest.raises(ValueError, match="the list is empty"):
        Function("latency_probe")


class MetadataEndpoint(BaseHTTPRequestHandler):
    """Lambda's metadata endpoint, as far as the zone id goes."""

    def do_GET(self) -> None:
        """Tell the zone to whoever shows the token."""
        known = self.headers["Authorization"] == "Bearer metadata-token"
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(b'{"AvailabilityZoneID": "euc1-az2"}')

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def in_lambda(environment: pytest.MonkeyPatch, address: tuple[str, int]) -> None:
    """Set what Lambda sets where it has a metadata endpoint at *address*."""
    clear_metadata_cache()
    environment.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    environment.setenv("AWS_LAMBDA_METADATA_API", f"{address[0]}:{address[1]}")
    environment.setenv("AWS_LAMBDA_METADATA_TOKEN", "metadata-token")


def test_the_zone_that_lambda_tells_is_in_the_answer(environment: pytest.MonkeyPatch) -> None:
    """Same-zone and cross-zone latency are two things."""
    with HTTPServer(("127.0.0.1", 0), MetadataEndpoint) as endpoint:
        in_lambda(environment, ("127.0.0.1", endpoint.server_port))
        Thread(target=endpoint.handle_request, daemon=True).start()

        response = Function("latency_probe")(event("latency_probe/metrics_json"))

    clear_metadata_cache()
    body = json.loads(response["body"])
    assert (body["az_id"], body["targets"][0]["az_id"]) == ("euc1-az2", "euc1-az2")


def test_a_metadata_endpoint_that_hangs_costs_neither_the_answer_nor_much_time(
    environment: pytest.MonkeyPatch,
) -> None:
    """The zone is a label: without it the measurement is as good as before."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        in_lambda(environment, hanging.getsockname())
        probe = Function("latency_probe")

        started = perf_counter()
        zones = [probe.module.az_id(), probe.module.az_id(), probe.module.az_id()]
        elapsed = perf_counter() - started

    assert zones == [None, None, None]
    assert elapsed < 1


def test_ten_targets_of_which_three_are_dead_end_in_time_and_leave_the_rest_alone(
    environment: pytest.MonkeyPatch,
) -> None:
    """With the template's own timing: eight seconds, and the figures of the living as alone."""
    for name, value in {
        "PROBE_SAMPLE_COUNT": "20",
        "PROBE_INTERVAL_SECONDS": "0.05",
        "PROBE_TIMEOUT_SECONDS": "0.9",
    }.items():
        environment.setenv(name, value)
    with ExitStack() as sockets:
        servers = [
            sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=backlog))
            for backlog in [128] * 7 + [0] * 3
        ]
        for full in servers[7:]:
            sockets.enter_context(socket.create_connection(full.getsockname()))
        targets = [f"127.0.0.1:{server.getsockname()[1]}" for server in servers]

        environment.setenv("PROBE_TARGETS", targets[0])
        alone = Function("latency_probe")(event("latency_probe/schedule"))
        environment.setenv("PROBE_TARGETS", ",".join(targets))
        probe = Function("latency_probe")
        started = perf_counter()
        together = probe(event("latency_probe/schedule"))
        elapsed = perf_counter() - started

    statuses = [target["status"] for target in together["targets"]]
    assert statuses == ["ok"] * 7 + ["timeout"] * 3
    assert elapsed < 8
    for living in together["targets"][:7]:
        assert living["latency_ms"] == pytest.approx(alone["latency_ms"], abs=0.060)


def test_a_cold_start_loads_neither_boto3_nor_icmplib(environment: pytest.MonkeyPatch) -> None:
    """The function calls no AWS API, and TCP needs no asyncio: both would cost init time."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import latency_probe.handler, sys; print(*sys.modules)"],
        cwd=PACKAGE_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    heavy = {"boto3", "botocore.session", "icmplib", "asyncio", "aws_xray_sdk"}
    assert heavy & set(loaded.stdout.split()) == set()
