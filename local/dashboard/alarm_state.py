"""In which state an alarm is, and since when, by CloudWatch's own rules.

The emulator's alarms look at a metric's values of all dimensions at once, and at all periods as
one, so that each error of any function sets off the alarms of all. Here an alarm's settings are
applied to what it watches, which the emulator keeps apart.

An alarm whose period is longer than a minute is evaluated every minute, on the periods that end
then. Where values are missing, older ones are taken from the evaluation range, and only what is
still missing is filled in as `TreatMissingData` says.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Self

Alarm = Mapping[str, Any]
# What a period was: breaching, not breaching, or without a value.
Point = bool | None

MINUTE = 60
# How far back the beginning of a state is looked for.
HISTORY_SECONDS = 3 * 3600
# AWS takes "a higher number" of periods than it evaluates; in its examples, five for three.
SPARE_PERIODS = 2

COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
# Statistics of a longer period that follow from those of its minutes.
OF_MINUTES: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max, "Minimum": min}


class Standing(NamedTuple):
    """The state of an alarm, and since when, in Unix seconds; *exact* unless it is older."""

    state: str
    since: float
    exact: bool = True

    @classmethod
    def told(cls, alarm: Alarm) -> Self:
        """Return the state that CloudWatch itself tells of *alarm*."""
        return cls(alarm["StateValue"], alarm["StateUpdatedTimestamp"].timestamp())


def resolution(alarm: Alarm) -> int:
    """Return of how many seconds each value must be that `standing` is given."""
    period: int = alarm["Period"]
    return min(period, MINUTE) if alarm.get("Statistic") in OF_MINUTES else period


def seconds_needed(alarm: Alarm) -> int:
    """Return how far back values of what *alarm* watches are needed."""
    reach: int = alarm["Period"] * (alarm["EvaluationPeriods"] + SPARE_PERIODS + 1)
    return reach + HISTORY_SECONDS


def standing(alarm: Alarm, values: Mapping[int, float], now: float) -> Standing:
    """Return the state of *alarm* at *now*, given *values* by the start of their time.

    A minute that still runs counts as soon as it has a value. Nothing before the alarm itself was
    made is filled in: an alarm on silence cannot ring before it has listened.
    """
    step = resolution(alarm)
    running = int(now // step) * step
    newest = running if running in values else running - step
    begin = newest - HISTORY_SECONDS // step * step
    changed = alarm.get("AlarmConfigurationUpdatedTimestamp")
    born = changed.timestamp() if changed else 0.0
    if born > begin:
        begin = int(born // step) * step
    state, since = "INSUFFICIENT_DATA", float(max(begin, born))
    exact = born > 0 and begin <= born
    for last in range(begin, newest + step, step):
        found = evaluate(alarm, points(alarm, values, last + step, born), state)
        if found != state:
            exact = exact or last > begin
            # A value is seen within its minute, and silence only when the minute is over.
            state, since = found, max(born, last if last in values else min(last + step, now))
    return Standing(state, since, exact)


def points(
    alarm: Alarm, values: Mapping[int, float], end: int, born: float = 0.0
) -> Sequence[Point]:
    """Return what each period of the evaluation range was that ends at *end*, oldest first.

    A period without a value that began before the alarm was *born* is left out.
    """
    period, step = alarm["Period"], resolution(alarm)
    compare, threshold = COMPARISONS[alarm["ComparisonOperator"]], alarm["Threshold"]
    combine = OF_MINUTES.get(alarm.get("Statistic", ""), max)  # the one value, of other statistics
    found: list[Point] = []
    for number in reversed(range(alarm["EvaluationPeriods"] + SPARE_PERIODS)):
        start = end - (number + 1) * period
        known = [values[one] for one in range(start, start + period, step) if one in values]
        if known:
            found.append(compare(combine(known), threshold))
        elif start >= born:
            found.append(None)
    return found


def evaluate(alarm: Alarm, range_: Sequence[Point], state: str) -> str:
    """Return the state after *range_*, the points of the range, oldest first; it was *state*."""
    evaluated: int = alarm["EvaluationPeriods"]
    needed: int = alarm.get("DatapointsToAlarm", evaluated)
    treatment = alarm.get("TreatMissingData", "missing")
    real = [point for point in range_ if point is not None][-evaluated:]
    missing = min(evaluated - len(real), len(range_) - len(real))
    breaching = real.count(True) + (missing if treatment == "breaching" else 0)
    if breaching >= needed:
        return "ALARM"
    if False in real or treatment == "notBreaching" or len(real) == evaluated:
        return "OK"
    if treatment == "breaching":
        return "OK" if len(range_) >= evaluated else state
    if treatment == "ignore":
        return state
    # Of real values only some that breach are there: enough, if the oldest is as old as needed.
    if True in range_ and len(range_) - list(range_).index(True) >= needed:
        return "ALARM"
    return "INSUFFICIENT_DATA"
