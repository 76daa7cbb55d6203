"""A real Prometheus server scrapes the running stack, configured as the documentation says."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.project import ROOT

PAGE = ROOT / "docs" / "prometheus.md"
PATIENCE_SECONDS = 90


def tool(name: str) -> str:
    """Give the path of a program of Debian's package `prometheus`, or skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"needs {name} (Debian: prometheus)")
    return path


def documented_configuration() -> dict[str, Any]:
    """Read the scrape configuration that the page tells to write."""
    block = re.search(r"```yaml\n(scrape_configs:.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    loaded = yaml.safe_load(block[1])
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture
def prometheus(stack: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Run a server on loopback that scrapes the stack; give its address."""
    server = tool("prometheus")
    api = urllib.parse.urlsplit(stack["api_url"])
    token = tmp_path / "token"
    token.write_text(stack["token"])
    configuration = documented_configuration()
    (job,) = configuration["scrape_configs"]
    # What differs from stack to stack, and an interval for the impatient.
    job["scheme"] = api.scheme
    job["metrics_path"] = api.path.rstrip("/") + job["metrics_path"]
    job["authorization"]["credentials_file"] = str(token)
    job["static_configs"] = [{"targets": [api.netloc]}]
    job["scrape_interval"] = job["scrape_timeout"] = "10s"
    path = tmp_path / "prometheus.yml"
    path.write_text(yaml.safe_dump(configuration))

    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = (tmp_path / "prometheus.log").open("w")
    process = subprocess.Popen(
        [
            server,
            f"--config.file={path}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address={address}",
        ],
        stdout=log,
        stderr=log,
    )
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def query(address: str, expression: str) -> list[dict[str, Any]]:
    """Ask the server; nothing while it starts."""
    url = f"{address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
            result = json.load(response)["data"]["result"]
    except OSError:
        return []
    assert isinstance(result, list)
    return result


def scraped(address: str) -> str:
    """Wait for the first scrape; give what the server says of it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if query(address, "up"):
            break
        time.sleep(0.5)
    with urllib.request.urlopen(f"{address}/api/v1/targets", timeout=5) as response:  # noqa: S310
        (target,) = json.load(response)["data"]["activeTargets"]
    return str(target["lastError"])


def test_a_prometheus_server_scrapes_the_stack_as_documented(prometheus: str) -> None:
    """Token, path, form and figures, seen from the other side."""
    error = scraped(prometheus)

    assert error == ""
    assert [sample["value"][1] for sample in query(prometheus, "up")] == ["1"]
    reachable = query(prometheus, "weir_probe_reachable == 1")
    assert reachable
    (first, *_) = query(prometheus, "weir_probe_round_trip_median_seconds")
    assert 0 < float(first["value"][1]) < 1


def test_promtool_has_no_complaint_about_what_the_stack_serves(stack: dict[str, str]) -> None:
    """Prometheus' own linter, on the bytes that went through the API."""
    promtool = tool("promtool")
    request = urllib.request.Request(  # noqa: S310 - the stack's own address
        f"{stack['api_url']}/metrics",
        headers={"Authorization": f"Bearer {stack['token']}", "Accept": "text/plain"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        text = response.read()

    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
