"""In which state an alarm is, by CloudWatch's own rules.

The emulator's alarms look at a metric's values of all dimensions at once, and at all periods as
one, so that each error of any function sets off the alarms of all. Here an alarm's settings are
applied to what it watches, which the emulator keeps apart.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import operator
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

Alarm = Mapping[str, Any]

# How far back the beginning of a state is looked for.
HISTORY_PERIODS = 36

COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
MISSING = {"breaching": True, "notBreaching": False}


class Standing(NamedTuple):
    """The state of an alarm, and since when: Unix seconds, the start of a period."""

    state: str
    since: float

    @classmethod
    def told(cls, alarm: Alarm) -> Self:
        """Return the state that CloudWatch itself tells of *alarm*."""
        return cls(alarm["StateValue"], alarm["StateUpdatedTimestamp"].timestamp())


def seconds_needed(alarm: Alarm) -> int:
    """Return how far back values of what *alarm* watches are needed."""
    seconds: int = alarm["Period"] * (alarm["EvaluationPeriods"] + HISTORY_PERIODS + 1)
    return seconds


def standing(alarm: Alarm, values: Mapping[int, float], now: float) -> Standing:
    """Return the state of *alarm* at *now*, given the values by the start of their periods.

    A period that still runs counts as soon as it has a value.
    """
    period = alarm["Period"]
    running = int(now // period) * period
    since = running if running in values else running - period
    state = _state(alarm, values, since)
    for _ in range(HISTORY_PERIODS):
        if _state(alarm, values, since - period) != state:
            break
        since -= period
    return Standing(state, since)


def _state(alarm: Alarm, values: Mapping[int, float], newest: int) -> str:
    """Return the state after the period that begins at *newest*."""
    count = alarm["EvaluationPeriods"]
    compare = COMPARISONS[alarm["ComparisonOperator"]]
    missing = MISSING.get(alarm.get("TreatMissingData", "missing"))
    breaching = [
        compare(values[start], alarm["Threshold"]) if start in values else missing
        for start in (newest - index * alarm["Period"] for index in range(count))
    ]
    if all(each is None for each in breaching):
        return "INSUFFICIENT_DATA"
    return "ALARM" if breaching.count(True) >= alarm.get("DatapointsToAlarm", count) else "OK"
