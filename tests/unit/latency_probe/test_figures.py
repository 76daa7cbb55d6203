"""The table of figures, and that every form of the answer keeps to it."""

import pytest
from latency_probe.figures import figures_of
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Segment, Source, Status
from latency_probe.render.as_json import describe
from latency_probe.render.as_prometheus import PREFIX, as_prometheus
from latency_probe.summary import summarize
from latency_probe.target import Target

from operations.measure import COLUMNS

LOST = Reply(Status.TIMEOUT, error="Connection timed out")


def answered(milliseconds: float) -> Reply:
    """Return the reply of a handshake that the kernel timed."""
    return Reply(
        Status.OK, milliseconds / 1000, Source.KERNEL, 0.0001, segment=Segment(1448, "host")
    )


def run(*replies: Reply) -> Measurement:
    """Return the measurement of a named target that gave *replies*."""
    return Measurement(Target("a", 7), "tcp", 1.0, summarize(replies), "::1", 0.002)


def round_trips(measurement: Measurement) -> dict[str, float | None]:
    """Return the figures of the round trip, in milliseconds."""
    return {
        row.key: row.converted()[1]
        for row in figures_of(measurement)
        if row.key and row.series.startswith("round_trip_")
    }


def test_figures_of_a_known_run() -> None:
    """Calculated by hand: 1, 2, 3, 4 and 10 milliseconds in another order."""
    measurement = run(*(answered(trip) for trip in (3, 1, 2, 10, 4)))

    assert round_trips(measurement) == pytest.approx(
        {
            "min_ms": 1,
            "mean_ms": 4,
            "median_ms": 3,
            "p95_ms": 10,
            "max_ms": 10,
            "stddev_ms": 3.536,
            "jitter_ms": 4.25,
        }
    )


def test_nothing_answered_means_no_round_trip() -> None:
    """A consumer that averages would take 0 for an excellent network."""
    assert set(round_trips(run(LOST, LOST)).values()) == {None}


def test_one_answer_has_neither_deviation_nor_jitter() -> None:
    """Both need two values; 0 would claim that the network is steady."""
    figures = round_trips(run(answered(1)))

    assert (figures["stddev_ms"], figures["jitter_ms"]) == (None, None)
    assert figures["median_ms"] == 1


def test_each_name_stands_for_one_figure() -> None:
    """A second row of the same name would replace the first one in an answer."""
    rows = figures_of(run(answered(1)))
    for names in (
        [row.series for row in rows],
        [row.key for row in rows if row.key],
        [row.metric for row in rows if row.metric],
    ):
        assert len(set(names)) == len(names)


def test_each_figure_is_in_every_form_that_it_has_a_name_for() -> None:
    """A figure that one form leaves out would be missed by nobody."""
    measurement = run(answered(1), answered(2))
    rows = figures_of(measurement)

    described, scraped = describe(measurement), as_prometheus([measurement], None)

    assert {row.key for row in rows if row.key} <= described.keys()
    assert all(f"\n{PREFIX}{row.series}{{" in scraped for row in rows)


def test_each_column_of_the_command_is_in_its_description() -> None:
    """The table reads the same names as the JSON."""
    assert set(COLUMNS) <= describe(run(answered(1))).keys()
