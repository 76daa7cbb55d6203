"""The alarms on the page ring when CloudWatch's would."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.dashboard.alarm_state import HISTORY_SECONDS, Standing, evaluate, standing
from local.dashboard.body import Metric
from local.dashboard.figures import Figures
from tests.unit.local.dashboard.conftest import FakeCloudWatch

PERIOD = 60
NOW = 100 * PERIOD + 30  # half-way through a period
RUNNING, LAST, SECOND_LAST = 100 * PERIOD, 99 * PERIOD, 98 * PERIOD
ERRORS = Metric("AWS/Lambda", "Errors", (("FunctionName", "uploader"),))
OTHERS = Metric("AWS/Lambda", "Errors", (("FunctionName", "validator"),))


def alarm(**changed: Any) -> dict[str, Any]:
    """Return an alarm on more than one error in a minute."""
    return {
        **ERRORS.to_api(),
        "Statistic": "Sum",
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changed,
    }


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        ("GreaterThanThreshold", 1, "OK"),
        ("GreaterThanThreshold", 2, "ALARM"),
        ("GreaterThanOrEqualToThreshold", 1, "ALARM"),
        ("LessThanThreshold", 1, "OK"),
        ("LessThanThreshold", 0, "ALARM"),
        ("LessThanOrEqualToThreshold", 1, "ALARM"),
    ],
)
def test_a_value_is_held_against_the_threshold(comparison: str, value: int, state: str) -> None:
    """On the threshold itself each comparison says something else."""
    assert standing(alarm(ComparisonOperator=comparison), {LAST: value}, NOW).state == state


@pytest.mark.parametrize(
    ("missing", "state"),
    [
        ("notBreaching", "OK"),
        ("breaching", "ALARM"),
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "INSUFFICIENT_DATA"),
    ],
)
def test_silence_means_what_the_alarm_says(missing: str, state: str) -> None:
    """A silent probe rings; a queue that nobody uses does not."""
    assert standing(alarm(TreatMissingData=missing), {}, NOW).state == state


def test_a_period_that_still_runs_counts_once_it_has_a_value() -> None:
    """Nobody waits five minutes for the first sign of an error."""
    assert standing(alarm(), {LAST: 0, RUNNING: 2}, NOW).state == "ALARM"
    assert standing(alarm(TreatMissingData="breaching"), {LAST: 0}, NOW).state == "OK"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({RUNNING: 2, LAST: 0, SECOND_LAST: 2}, "ALARM"),
        ({RUNNING: 2, LAST: 0, SECOND_LAST: 0}, "OK"),
        ({RUNNING: 2, SECOND_LAST: 2}, "ALARM"),
        ({RUNNING: 2}, "OK"),
    ],
)
def test_as_many_periods_as_asked_must_breach(values: dict[int, float], state: str) -> None:
    """One bad minute wakes nobody where two of three are asked for."""
    two_of_three = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)

    assert standing(two_of_three, values, NOW).state == state


KEEP = "Retain current state"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
# Three periods are evaluated, of a range of five; X breaches, 0 does not, - is missing.
THREE_OF_THREE = {
    "0 - X - X": ("OK", "OK", "OK", "OK"),
    "0 - - - -": ("OK", "OK", "OK", "OK"),
    "- - - - -": ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    "0 X X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "- - X - -": ("ALARM", KEEP, "ALARM", "OK"),
    # What the page says of these in words: not yet.
    "- - - - X": ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
    "- - - X -": ("INSUFFICIENT_DATA", KEEP, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0 - X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 0 X 0 X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 - X - -": ("OK", "OK", "ALARM", "OK"),
    "- - - - 0": ("OK", "OK", "ALARM", "OK"),
    "- - - X -": ("ALARM", KEEP, "ALARM", "OK"),
}


@pytest.mark.parametrize("before", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize(
    ("needed", "row", "treatment", "state"),
    [
        (needed, row, treatment, state)
        for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
        for row, states in table.items()
        for treatment, state in zip(TREATMENTS, states, strict=True)
    ],
)
def test_state_is_as_in_the_tables_of_aws(
    needed: int, row: str, treatment: str, state: str, before: str
) -> None:
    """The emulator judges otherwise; AWS's page decides."""
    watched = alarm(EvaluationPeriods=3, DatapointsToAlarm=needed, TreatMissingData=treatment)
    points = [{"X": True, "0": False, "-": None}[sign] for sign in row.split()]

    assert evaluate(watched, points, before) == (before if state == KEEP else state)


def test_tells_since_when() -> None:
    """How long it has been so is the second question at 3 a.m."""
    values = {RUNNING: 2, LAST: 2, SECOND_LAST: 0}

    assert standing(alarm(), values, NOW) == Standing("ALARM", LAST)


def test_long_period_is_evaluated_each_minute() -> None:
    """One error within five minutes rings in its own minute, not at the period's start."""
    error = NOW - 30 - 7 * PERIOD

    ringing = standing(alarm(Period=300), {error: 2}, error + 4 * PERIOD)
    # While the error is in the evaluation range, three periods, it is the newest value there is.
    later = standing(alarm(Period=300), {error: 2}, error + 17 * PERIOD)

    assert ringing == Standing("ALARM", error)
    assert later == Standing("OK", error + 16 * PERIOD)


def test_silence_rings_once_it_has_lasted() -> None:
    """The last of its minutes must be over."""
    silent = alarm(EvaluationPeriods=3, TreatMissingData="breaching")
    start = 50 * PERIOD
    values = dict.fromkeys(range(0, start, PERIOD), 0.0)

    # Five minutes back a value is still in the evaluation range, and stands for one of the three.
    assert standing(silent, values, start + 4 * PERIOD).state == "OK"
    assert standing(silent, values, start + 9 * PERIOD) == Standing("ALARM", start + 5 * PERIOD)


def test_newborn_alarm_does_not_ring_for_the_silence_before_it() -> None:
    """A stack that is a minute old has lost no target yet."""
    born = datetime.fromtimestamp(NOW, UTC)
    silent = alarm(
        EvaluationPeriods=3, TreatMissingData="breaching", AlarmConfigurationUpdatedTimestamp=born
    )

    assert standing(silent, {}, NOW + 60) == Standing("INSUFFICIENT_DATA", NOW)
    assert standing(silent, {}, NOW + 240).state == "ALARM"
    assert standing(silent, {}, NOW + 600).since > NOW + 180


def test_state_older_than_the_values_is_said_to_be() -> None:
    """What began before anybody looked has no time."""
    values = dict.fromkeys(range(0, HISTORY_SECONDS * 2, PERIOD), 2.0)

    assert not standing(alarm(), values, HISTORY_SECONDS * 2).exact


def test_another_functions_errors_ring_nothing(cloudwatch: FakeCloudWatch) -> None:
    """An alarm's dimensions are a part of what it watches."""
    cloudwatch.put(OTHERS, (LAST, 5), unit="Count")
    mine = cloudwatch.put_alarm("Mine", "ALARM", **alarm())
    others = cloudwatch.put_alarm("Others", "OK", **alarm(**OTHERS.to_api()))

    found = Figures(cloudwatch).alarms(NOW)  # type: ignore[arg-type]

    assert {arn: each["Standing"].state for arn, each in found.items()} == {
        mine: "OK",
        others: "ALARM",
    }


def test_an_alarm_on_several_metrics_is_as_cloudwatch_says(cloudwatch: FakeCloudWatch) -> None:
    """CloudWatch alone computes its expression."""
    arn = cloudwatch.put_alarm("Ratio", "ALARM", Metrics=[])

    assert Figures(cloudwatch).alarms(NOW)[arn]["Standing"].state == "ALARM"  # type: ignore[arg-type]
