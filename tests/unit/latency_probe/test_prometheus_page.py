"""The Prometheus page: its configuration and its rules are what Prometheus takes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Source, Status
from latency_probe.render.as_prometheus import PREFIX, as_prometheus
from latency_probe.summary import summarize
from latency_probe.target import Target

from operations.project import ROOT

PAGE = ROOT / "docs" / "prometheus.md"


def blocks() -> list[str]:
    """Give the page's YAML blocks."""
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize(("kind", "block"), [("config", 0), ("rules", 1)])
def test_promtool_accepts_what_the_page_tells_to_write(
    kind: str, block: int, tmp_path: Path
) -> None:
    """A reader copies it as it stands."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")
    path = tmp_path / "block.yml"
    token = tmp_path / "token"
    token.write_text("a token")
    path.write_text(blocks()[block].replace("/etc/prometheus/weir-token", str(token)))

    checked = subprocess.run(
        [promtool, "check", kind, str(path)], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_page_names_every_metric_and_every_status() -> None:
    """What is scraped must be found there, and nothing else."""
    run = summarize([Reply(Status.OK, 0.001, Source.KERNEL, 0.0001)] * 2)
    text = as_prometheus([Measurement(Target("a", 1), "tcp", 1.0, run, "::1", 0.1)], None)
    page = PAGE.read_text()

    scraped = set(re.findall(rf"# TYPE {PREFIX}(\w+)", text))
    table = page[page.index("## Metrics") : page.index("## Status")]
    many = re.search(r"`round_trip_\{([a-z0-9,]+)\}_seconds`", table)
    assert many is not None
    named = {f"round_trip_{one}_seconds" for one in many[1].split(",")}
    cells = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    named |= {name for cell in cells for name in re.findall(r"`(\w+)[`{]", cell)}
    named.discard("round_trip_")
    assert named == scraped
    for status in Status:
        assert f"`{status}`" in page[page.index("## Status") :]
