"""What a run's replies amount to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latency_probe.probes.reply import Reply, Source, Status
from latency_probe.summary import jitter, percentile, standard_deviation, summarize


def answered(seconds: float, overhead: float = 0.0001) -> Reply:
    """Give the reply of a handshake that the kernel timed."""
    return Reply(Status.OK, seconds, Source.KERNEL, overhead)


def refused(seconds: float) -> Reply:
    """Give the reply of a refusal."""
    return Reply(Status.REFUSED, seconds, Source.USER, error="Connection refused")


LOST = Reply(Status.TIMEOUT, error="Connection timed out")
UNREACHABLE = Reply(Status.HOST_UNREACHABLE, error="No route to host")


def test_a_run_that_was_answered_is_ok() -> None:
    """The kernel timed all of it."""
    summary = summarize([answered(trip / 1000) for trip in (3, 1)])

    assert summary.round_trips == [0.003, 0.001]
    assert (summary.status, summary.source) == (Status.OK, Source.KERNEL)
    assert (summary.sent, summary.answered, summary.loss_ratio) == (2, 2, 0.0)


def test_nothing_answered_means_no_round_trip_and_all_lost() -> None:
    """A dead host at 0.0 ms, or without loss, is what other probes report."""
    summary = summarize([LOST] * 5)

    assert summary.round_trips == []
    assert (summary.sent, summary.answered, summary.loss_ratio) == (5, 0, 1.0)
    assert (summary.status, summary.source) == (Status.TIMEOUT, None)
    assert summary.error == "Connection timed out"


def test_a_lost_probe_is_nobodys_neighbour() -> None:
    """RFC 3393 defines the difference between packets that followed each other."""
    assert jitter([0.001, None, 0.005, 0.006]) == pytest.approx(0.001)


def test_a_refusal_is_an_answer_timed_by_the_user() -> None:
    """The packet came back, so it is no loss; its time is a user-space time."""
    summary = summarize([refused(0.002), refused(0.004)])

    assert (summary.status, summary.source) == (Status.REFUSED, Source.USER)
    assert (summary.loss_ratio, summary.round_trips) == (0.0, [0.002, 0.004])
    assert summary.overhead is None


def test_figures_never_mix_two_clocks() -> None:
    """One refusal timed on a throttled CPU would pass for a 16 ms spike of the network."""
    summary = summarize([answered(0.001), refused(0.020), answered(0.003)])

    assert summary.samples == (0.001, None, 0.003)
    assert (summary.source, summary.answered, summary.loss_ratio) == (Source.KERNEL, 3, 0.0)


@pytest.mark.parametrize(
    ("replies", "status"),
    [
        ([answered(0.001)] * 3, Status.OK),
        ([answered(0.001), LOST], Status.DEGRADED),
        ([answered(0.001), refused(0.001)], Status.DEGRADED),
        ([refused(0.001), refused(0.001), LOST], Status.REFUSED),
        ([LOST, LOST, refused(0.001)], Status.TIMEOUT),
        ([Reply(Status.NET_UNREACHABLE)], Status.NET_UNREACHABLE),
    ],
)
def test_a_run_has_the_status_of_its_most_frequent_failure(
    replies: list[Reply], status: Status
) -> None:
    """Ok is for runs without any, degraded for runs where some probes succeeded."""
    assert summarize(replies).status is status


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([UNREACHABLE, LOST, LOST], "Connection timed out"),
        ([LOST, UNREACHABLE, UNREACHABLE], "No route to host"),
        ([Reply(Status.TIMEOUT), Reply(Status.TIMEOUT), UNREACHABLE], None),
        ([answered(0.001), UNREACHABLE, LOST, LOST], "No route to host"),
        ([answered(0.001)], None),
    ],
)
def test_the_error_is_one_that_the_status_stands_for(
    replies: list[Reply], error: str | None
) -> None:
    """A timeout with "No route to host" sends its reader to the wrong place."""
    assert summarize(replies).error == error


def test_the_overhead_is_the_median_of_what_the_users_clock_adds() -> None:
    """It says how far off a user-space probe would be here."""
    summary = summarize([answered(0.001, 0.0001), answered(0.001, 0.016), answered(0.001, 0.0002)])

    assert summary.overhead == 0.0002


@given(st.lists(st.floats(0, 1), min_size=1, max_size=99), st.integers(1, 100))
def test_a_percentile_is_a_value_that_was_measured(values: list[float], percent: int) -> None:
    """At least that part of the run was as fast, and one value less would not be enough."""
    result = percentile(values, percent)

    assert result in values
    at_most = sum(value <= result for value in values)
    below = sum(value < result for value in values)
    assert at_most >= len(values) * percent / 100 > below or below == 0


def test_the_95th_percentile_of_twenty_is_the_nineteenth() -> None:
    """Nearest rank: ceil(0.95 * 20) = 19."""
    assert percentile([float(value) for value in range(1, 21)], 95) == 19.0


@given(st.floats(0.000001, 1), st.integers(2, 99))
def test_equal_values_have_no_deviation(value: float, count: int) -> None:
    """Sums that are rounded badly would show spread where there is none."""
    assert standard_deviation([value] * count) == pytest.approx(0, abs=1e-12)
