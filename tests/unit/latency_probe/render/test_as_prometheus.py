"""Measurements as Prometheus text."""

import re
import shutil
import subprocess
from collections.abc import Iterable

import pytest
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Source, Status
from latency_probe.render.as_prometheus import BOUNDS_SECONDS, as_openmetrics, as_prometheus
from latency_probe.summary import summarize
from latency_probe.target import Target
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus


def measurement(port: int, *replies: Reply, resolution_seconds: float | None = None) -> Measurement:
    """Give the run of a target on *port*."""
    summary = summarize(replies)
    return Measurement(
        Target("::1", port), "tcp", 1_756_468_800.25, summary, "::1", resolution_seconds
    )


ALIVE = measurement(
    7,
    Reply(Status.OK, 0.000341, Source.KERNEL, 0.0001),
    Reply(Status.OK, 0.000343, Source.KERNEL, 0.0001),
    resolution_seconds=0.002,
)
LOST = Reply(Status.TIMEOUT, error="Connection timed out")
DEAD = measurement(8, LOST)


def values(families: list[Metric], name: str) -> dict[str, float]:
    """Give the values of one metric by target."""
    return {
        sample.labels["target"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"weir_probe_{name}"
    }


def samples(families: Iterable[Metric]) -> set[tuple[str, frozenset[tuple[str, str]], float]]:
    """Give every sample that *families* hold."""
    return {
        (sample.name, frozenset(sample.labels.items()), sample.value)
        for family in families
        for sample in family.samples
    }


def test_times_are_seconds() -> None:
    """Prometheus' base unit, to the microsecond."""
    families = list(prometheus(as_prometheus([ALIVE], "euc1-az2")))

    assert values(families, "round_trip_median_seconds") == {"[::1]:7": 0.000342}
    assert values(families, "round_trip_jitter_seconds")["[::1]:7"] == pytest.approx(0.000002)
    assert values(families, "resolution_seconds") == {"[::1]:7": 0.002}


def test_a_dead_target_has_no_round_trip_series_and_all_the_others() -> None:
    """A gap in the graph is the truth; 0 or the last value would not be."""
    families = list(prometheus(as_prometheus([ALIVE, DEAD], None)))

    trips = [family.name for family in families if re.search("round_trip_.*_seconds", family.name)]
    assert len(trips) == 7
    assert all("[::1]:8" not in values(families, name[11:]) for name in trips)
    assert values(families, "reachable") == {"[::1]:7": 1, "[::1]:8": 0}
    assert values(families, "packet_loss_ratio") == {"[::1]:7": 0, "[::1]:8": 1}


def test_every_status_is_always_present() -> None:
    """An alert on a series that appears with the failure would miss the first one."""
    families = list(prometheus(as_prometheus([DEAD], None)))

    (family,) = (family for family in families if family.name == "weir_probe_status")
    shown = {sample.labels["status"]: sample.value for sample in family.samples}
    assert shown == {status.value: float(status is Status.TIMEOUT) for status in Status}


def test_share_within_a_bound_counts_lost_probes_as_late() -> None:
    """An objective is about all probes; a lost one did not come back in time."""
    run = measurement(
        9, *(Reply(Status.OK, s, Source.KERNEL) for s in (0.0005, 0.0015)), LOST, LOST
    )
    families = list(prometheus(as_prometheus([run, DEAD], None)))

    (family,) = (family for family in families if family.name.endswith("within_ratio"))
    shares = {
        (sample.labels["target"], float(sample.labels["bound_seconds"])): sample.value
        for sample in family.samples
    }
    assert [shares["[::1]:9", bound] for bound in (0.0005, 0.001, 0.002)] == [0.25, 0.25, 0.5]
    assert {shares["[::1]:8", bound] for bound in BOUNDS_SECONDS} == {0}


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    """The zone id is read from outside."""
    odd = 'a"b\\nc\nd'

    families = list(prometheus(as_prometheus([ALIVE], odd)))

    (info,) = (family for family in families if family.name == "weir_probe_run_info")
    assert info.samples[0].labels["az_id"] == odd


def test_openmetrics_is_read_by_a_strict_reader_to_the_same_values() -> None:
    """The two forms say the same, and the end mark shows that nothing was cut off."""
    text = as_openmetrics([ALIVE, DEAD], None)

    strict = openmetrics.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    plain = prometheus(as_prometheus([ALIVE, DEAD], None))

    assert samples(strict) == samples(plain)
    assert text.endswith("\n# EOF\n")


def test_promtool_has_no_complaint() -> None:
    """Prometheus' own linter, where it is installed."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("needs promtool (Debian: prometheus)")

    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=as_prometheus([ALIVE, DEAD], "euc1-az2"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
