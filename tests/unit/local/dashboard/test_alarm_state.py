"""The alarms on the page ring when CloudWatch's would."""

from typing import Any

import pytest

from local.dashboard.alarm_state import Standing, standing
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


def test_tells_since_when() -> None:
    """How long it has been so is the second question at 3 a.m."""
    values = {RUNNING: 2, LAST: 2, SECOND_LAST: 0}

    assert standing(alarm(), values, NOW) == Standing("ALARM", LAST)


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
    """Its expression is CloudWatch's to reckon."""
    arn = cloudwatch.put_alarm("Ratio", "ALARM", Metrics=[])

    assert Figures(cloudwatch).alarms(NOW)[arn]["Standing"].state == "ALARM"  # type: ignore[arg-type]
