"""The Prometheus page: its configuration and its rules are what Prometheus takes."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Segment, Source, Status
from latency_probe.render.as_prometheus import PREFIX, as_prometheus
from latency_probe.summary import summarize
from latency_probe.target import Target

from operations.project import ROOT

PAGE = ROOT / "docs" / "prometheus.md"


def blocks() -> list[str]:
    """Give the page's YAML blocks."""
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def promtool(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Prometheus' own tool in a folder of its own, or skip the test."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("needs promtool (Debian: prometheus)")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [found, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize(("kind", "block"), [("config", 0), ("rules", 1), ("rules", 2)])
def test_promtool_accepts_what_the_page_tells_to_write(
    kind: str,
    block: int,
    tmp_path: Path,
    promtool: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """A reader copies it as it stands."""
    (tmp_path / "token").write_text("a token")
    text = blocks()[block].replace("/etc/prometheus/weir-token", "token")
    (tmp_path / "block.yml").write_text(text)

    checked = promtool("check", kind, "block.yml")

    assert checked.returncode == 0, checked.stdout + checked.stderr


# A good target's series, and what becomes of a bad one's after two hours, minute by minute.
USUAL = {
    "reachable": "1x240",
    "packet_loss_ratio": "0x240",
    "round_trip_median_seconds": "0.0003x240",
    'round_trip_within_ratio{bound_seconds="0.01"}': "1x240",
    'run_info{segment_limit="host"}': "1x240",
}
FAULTS = {
    "WeirTargetUnreachable": {"reachable": "1x119 0x120"},
    "WeirPacketLoss": {"packet_loss_ratio": "0x119 " + "0 0.05 0 " * 40},
    "WeirRoundTripSlow": {"round_trip_median_seconds": "0.011x240"},
    "WeirRoundTripChanged": {"round_trip_median_seconds": "0.0003x119 0.001x120"},
    "WeirSegmentLimited": {'run_info{segment_limit="path"}': "1x240"},
    "WeirObjectiveBurnsFast": {
        'round_trip_within_ratio{bound_seconds="0.01"}': "1x119 0.95x120",
    },
}


def series_of(target: str, values: dict[str, str]) -> list[dict[str, str]]:
    """Return *values* as promtool takes them, with the label of *target*."""
    labelled = []
    for name, value in values.items():
        metric, _, labels = name.rstrip("}").partition("{")
        both = ",".join(filter(None, [labels, f'target="{target}"']))
        labelled.append({"series": f"{PREFIX}{metric}{{{both}}}", "values": value})
    return labelled


@pytest.mark.parametrize("alert", sorted(FAULTS))
def test_rule_rings_for_its_own_fault_and_for_the_bad_target_alone(
    alert: str, tmp_path: Path, promtool: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A rule that is merely valid may still never ring, or ring for a neighbour."""
    for number in (1, 2):
        (tmp_path / f"rules{number}.yml").write_text(blocks()[number])
    ringing = promtool_expects(alert, "bad")
    test = {
        "rule_files": ["rules1.yml", "rules2.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    *series_of("good", USUAL),
                    *series_of("bad", USUAL | FAULTS[alert]),
                ],
                "alert_rule_test": [
                    {"eval_time": "150m", "alertname": name, "exp_alerts": []}
                    for name in FAULTS.keys() - {alert}
                ],
                "promql_expr_test": [ringing],
            }
        ],
    }
    (tmp_path / "test.yml").write_text(json.dumps(test))

    checked = promtool("test", "rules", "test.yml")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def promtool_expects(alert: str, target: str) -> dict[str, Any]:
    """Return the expectation that *alert* fires for *target* and for nothing else."""
    return {
        "expr": f'count by (alertname, target) (ALERTS{{alertname="{alert}",alertstate="firing"}})',
        "eval_time": "150m",
        "exp_samples": [{"labels": f'{{alertname="{alert}",target="{target}"}}', "value": 1}],
    }


def test_the_page_names_every_metric_and_every_status() -> None:
    """What is scraped must be found there, and nothing else."""
    run = summarize(
        [Reply(Status.OK, 0.001, Source.KERNEL, 0.0001, segment=Segment(1448, "host"))] * 2
    )
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
