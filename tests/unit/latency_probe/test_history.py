"""The comparison of a run with the target's last hours."""

import json
from pathlib import Path

import pytest
from latency_probe.history import RUNS_NEEDED, RUNS_REMEMBERED, History
from latency_probe.measurement import Measurement
from latency_probe.probes.reply import Reply, Source, Status
from latency_probe.summary import summarize
from latency_probe.target import Target

ALARM_THRESHOLD = 2  # of RoundTripChangeAlarm, for five minutes
NEAR, FAR = Target("10.90.0.5", 7), Target("10.90.1.5", 7)
LOST = Reply(Status.TIMEOUT, error="Connection timed out")


def run(*milliseconds: float, target: Target = NEAR) -> Measurement:
    """Return a run with these round trips, timed by the kernel."""
    replies = [Reply(Status.OK, trip / 1000, Source.KERNEL, 0.0001) for trip in milliseconds]
    return Measurement(target, "tcp", 1.0, summarize(replies or [LOST]), "10.90.0.5", None)


def refusal(milliseconds: float) -> Measurement:
    """Return a run that was refused, timed by the user's clock."""
    reply = Reply(Status.REFUSED, milliseconds / 1000, Source.USER, error="Connection refused")
    return Measurement(NEAR, "tcp", 1.0, summarize([reply]), "10.90.0.5", None)


@pytest.fixture
def history() -> History:
    """Return a memory that holds just enough runs of 0.3 ms to one target."""
    remembered = History()
    for _ in range(RUNS_NEEDED):
        assert remembered.change(run(0.3)) is None
    return remembered


def test_change_is_the_median_as_a_multiple_of_the_usual_one(history: History) -> None:
    """A step from 0.3 to 0.9 ms stays far below a fixed limit of 10 ms."""
    assert history.change(run(0.8, 0.9, 5.0)) == pytest.approx(3)


def test_usual_path_is_a_change_of_one(history: History) -> None:
    """A series that is there in good times shows that the memory works."""
    assert history.change(run(0.3)) == pytest.approx(1)


def test_new_target_has_no_change(history: History) -> None:
    """Another target's hours say nothing about it."""
    assert history.change(run(3.0, target=FAR)) is None


def test_run_that_nothing_answered_is_neither_judged_nor_remembered(history: History) -> None:
    """Other alarms ring for it, and afterwards the usual path is as it was."""
    assert history.change(run()) is None
    assert history.change(run(0.3)) == pytest.approx(1)


def test_refusal_is_not_compared_with_what_the_kernel_timed(history: History) -> None:
    """The user's clock on a throttled CPU adds milliseconds, which are not the network's."""
    assert history.change(refusal(16)) is None
    assert history.change(run(0.3)) == pytest.approx(1)


def test_change_lasts_while_most_of_the_memory_is_older() -> None:
    """The alarm has hours to be heard; then the new path is the usual one."""
    history = History()
    for _ in range(RUNS_REMEMBERED):
        history.change(run(0.3))

    changes = [history.change(run(0.9)) for _ in range(RUNS_REMEMBERED)]

    assert changes[: RUNS_REMEMBERED // 2] == pytest.approx([3.0] * (RUNS_REMEMBERED // 2))
    assert changes[-1] == pytest.approx(1)


def test_ordinary_noise_never_doubles_the_round_trip_for_five_minutes() -> None:
    """A day of runs over an emulated path, on a machine that was busy with other work.

    Their medians, in microseconds, were written by `python -m maintenance.network_changes`.
    """
    recorded = json.loads(Path(__file__).with_name("ordinary_noise.json").read_text())
    history = History()

    for target, medians in recorded.items():
        changes = [history.change(run(each / 1000, target=Target(target, 7))) for each in medians]
        loud = [change is not None and change > ALARM_THRESHOLD for change in changes]

        assert len(changes) == 1440
        assert not any(all(loud[at : at + 5]) for at in range(len(loud)))
