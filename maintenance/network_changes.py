"""Changes one of two paths and shows what rings: ``python -m maintenance.network_changes``.

Each run of the probe stands for a minute. The alarms are the template's, judged as CloudWatch does;
the Prometheus rules are those of docs/prometheus.md, judged by promtool. Needs root.
"""

import argparse
import json
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.latency_accuracy.forwarder import Forwarder, Link
from benchmarks.latency_accuracy.network import (
    TARGET_ADDRESS,
    Network,
    end_by_exception,
    entered,
    remove_leftovers,
)
from local.dashboard.alarm_state import Alarm, standing
from operations.project import ROOT

sys.path.insert(0, str(ROOT / "functions" / "latency_probe"))
from latency_probe.history import RUNS_NEEDED, History
from latency_probe.measurement import Measurement, measure
from latency_probe.probes.methods import choose
from latency_probe.render.as_json import describe
from latency_probe.render.as_prometheus import as_prometheus
from latency_probe.sampling import Plan
from latency_probe.summary import median, percentile
from latency_probe.target import Target
from latency_probe.telemetry import publish, publish_shared

MINUTES_BEFORE, MINUTES_AFTER = RUNS_NEEDED + 10, 30
USUAL = Link(0.0003)
PLAN = Plan(sample_count=20, interval_seconds=0.005, timeout_seconds=0.9)
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Minimum": min,
    "Maximum": max,
    "Average": lambda v: sum(v) / len(v),
}
ROW = "{:<22}{:<45}{:<40}{}"


class Change(NamedTuple):
    """A change of one path, and the alarms and rules that have to ring for it."""

    link: Link
    alarms: set[str]
    rules: set[str]


CHANGES = {
    "0.3 to 1 ms": Change(Link(0.001), {"RoundTripChangeAlarm"}, {"WeirRoundTripChanged"}),
    "jitter up to 3 ms": Change(
        Link(0.0003, jitter_seconds=0.003), {"RoundTripChangeAlarm"}, {"WeirRoundTripChanged"}
    ),
    "2 % loss": Change(Link(0.0003, loss=0.02), {"PacketLossAlarm"}, {"WeirPacketLoss"}),
    "segments of 1,200": Change(Link(0.0003, segment=1200), set(), {"WeirSegmentLimited"}),
    "one target at 12 ms": Change(
        Link(0.012),
        {"RoundTripChangeAlarm", "RoundTripTimeAlarm"},
        {"WeirRoundTripChanged", "WeirRoundTripSlow"},
    ),
}


class Values:
    """A sink for the metrics of all runs: the values by metric, target and minute."""

    def __init__(self) -> None:
        self.by_name: dict[tuple[str, str], dict[int, list[float]]] = {}
        self.minute = 0
        self._target = ""

    def add_dimension(self, _: str, value: str) -> None:
        """Take the target's name."""
        self._target = value

    def add_dimensions(self, **_: str) -> None:
        """Count everything for all targets as well, as it is done anyway."""

    def add_metadata(self, key: str, value: Any) -> None:
        """Take no property."""

    def add_metric(self, name: str, _: str, value: float) -> None:
        """Keep a value for its target and for all targets."""
        for target in {self._target, ""}:
            minutes = self.by_name.setdefault((name, target), defaultdict(list))
            minutes[self.minute].append(value)

    def flush_metrics(self) -> None:
        """End the line."""
        self._target = ""


def main() -> int:
    """Show each change; 0 when the right alarms and rules rang, and no others."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.network_changes")
    parser.add_argument("--noise", type=int, metavar="RUNS", help="measure ordinary noise instead")
    parser.add_argument("--record", type=Path, metavar="FILE", help="where to write the values")
    options = parser.parse_args()
    end_by_exception()
    remove_leftovers()
    changes = {"ordinary noise": Change(USUAL, set(), set())} if options.noise else CHANGES
    minutes = options.noise or MINUTES_BEFORE + MINUTES_AFTER
    good, recorded = True, {}
    print(ROW.format("change of one target", "alarms", "Prometheus", "medians (ms), segment limit"))
    for name, change in changes.items():
        if sys.stderr.isatty():
            print(f"{name}: {minutes} runs", end="\r", file=sys.stderr, flush=True)
        values, scraped, newest = observed(change.link, minutes)
        rang = ringing(values, minutes)
        rules = rules_ring(scraped, change.rules, newest[1].target)
        accepted = rang == change.alarms and rules
        good &= accepted
        seen = " and ".join(
            f"{1000 * (median(one.summary.round_trips) or 0):.2f} {describe(one)['segment_limit']}"
            for one in newest
        )
        told = f"{', '.join(sorted(change.rules)) or '-'}{'' if rules else ' NOT as expected'}"
        row = ROW.format(name, ", ".join(sorted(rang)) or "-", told, seen)
        print(row + ("" if accepted else "  !"), flush=True)
        recorded[name] = {"/".join(key): minutes for key, minutes in values.by_name.items()}
    if options.record:
        options.record.write_text(json.dumps(recorded))
    print("\naccepted" if good else "\nNOT accepted (rows marked with !)")
    return int(not good)


def observed(link: Link, minutes: int) -> tuple[Values, list[str], list[Measurement]]:
    """Measure two targets, the second one over *link* once the first minutes are over."""
    values, history, scraped = Values(), History(), []
    with Network() as network, network.listener() as good, network.listener() as bad:
        ports = [server.getsockname()[1] for server in (good, bad)]
        targets = [Target(TARGET_ADDRESS, port) for port in ports]
        # A forwarder cannot change its mind, so the second part has one of its own.
        for part in (range(MINUTES_BEFORE), range(MINUTES_BEFORE, minutes)):
            detours = {ports[1]: link} if part.start else {}
            with (
                Forwarder(network.wires(), USUAL, detours),
                accepting([good, bad]),
                entered(network.probe),
            ):
                for values.minute in part:
                    newest = measure(targets, choose("tcp"), PLAN, 60)
                    changes = [history.change(one) for one in newest]
                    for one, change in zip(newest, changes, strict=True):
                        publish(one, change, None, values)  # type: ignore[arg-type]
                    publish_shared(newest, changes, values)  # type: ignore[arg-type]
                    scraped.append(as_prometheus(newest, None))
    return values, scraped, newest


@contextmanager
def accepting(servers: Sequence[socket.socket]) -> Iterator[None]:
    """Take every connection off its queue, which would be full after 200 runs."""
    process = get_context("fork").Process(target=_accept, args=(servers,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _accept(servers: Sequence[socket.socket]) -> None:
    while True:
        for server in select.select(servers, [], [])[0]:
            with suppress(OSError):
                server.accept()[0].close()


def ringing(values: Values, minutes: int) -> set[str]:
    """Return the alarms that were in ALARM after any minute."""
    return {
        name
        for name, alarm in probe_alarms().items()
        for minute in range(minutes)
        if standing(alarm, periods(alarm, values, minute), (minute + 1) * 60).state == "ALARM"
    }


def periods(alarm: Alarm, values: Values, newest: int) -> dict[int, float]:
    """Return the statistic of *alarm* by the start of each period up to *newest*."""
    name = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    known: Mapping[int, list[float]] = values.by_name.get((alarm["MetricName"], ""), {})
    return {
        minute * 60: STATISTICS[name](found)
        if name in STATISTICS
        else percentile(found, int(name[1:])) or 0
        for minute, found in known.items()
        if newest - 60 <= minute <= newest
    }


def probe_alarms() -> dict[str, Alarm]:
    """Return the template's alarms on what the probe publishes."""

    class Loader(yaml.SafeLoader):
        """Reads CloudFormation's own tags as nothing."""

    Loader.add_multi_constructor("!", lambda *_: None)
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader)  # noqa: S506 - a safe loader
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and {"Name": "service", "Value": "latency_probe"} in resource["Properties"]["Dimensions"]
    }


def rules_ring(scraped: list[str], expected: set[str], target: Target) -> bool:
    """Return whether promtool sees *expected* fire for *target*, and nothing else for anybody."""
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not installed (Debian: prometheus): its rules are not tried")
        return True
    page = (ROOT / "docs" / "prometheus.md").read_text()
    rules = re.findall(r"```yaml\n(groups:.*?)```", page, re.DOTALL)[0]
    end = f"{len(scraped) - 1}m"
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": series, "values": " ".join(found)}
                    for series, found in series_of(scraped)
                ],
                "promql_expr_test": [
                    {
                        "expr": 'count by (alertname, target) (ALERTS{alertstate="firing"})',
                        "eval_time": end,
                        "exp_samples": [
                            {"labels": f'{{alertname="{rule}",target="{target}"}}', "value": 1}
                            for rule in expected
                        ],
                    }
                ],
            }
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rules.yml").write_text(rules)
        Path(folder, "test.yml").write_text(json.dumps(test))
        checked = subprocess.run(
            [promtool, "test", "rules", "test.yml"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if checked.returncode:
        print(checked.stdout[-2000:] + checked.stderr[-2000:])
    return not checked.returncode


def series_of(scraped: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each series of *scraped* with a value per minute, and `_` where it has none."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for minute, text in enumerate(scraped):
        for line in text.splitlines():
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                found[series][minute] = value
    for series, values in found.items():
        yield series, [values.get(minute, "_") for minute in range(len(scraped))]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted; namespaces and processes are removed")
