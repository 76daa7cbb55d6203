"""Which of the deployed alarms ring, by CloudWatch's own rules.

The emulator's alarms look at a metric's values of all dimensions at once, and at one period alone,
so that each error of any function sets off the alarms of all. Here the deployed alarms' settings
are applied to the metrics of the emulator, which it keeps apart.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import operator
import time
from collections.abc import Mapping, Sequence
from typing import Any

Alarm = Mapping[str, Any]

COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def ringing(cloudwatch: Any, alarms: Mapping[str, Alarm]) -> set[str]:
    """Return the names of those of *alarms* that are in ALARM now."""
    now = time.time()
    names = {f"m{index}": name for index, name in enumerate(alarms)}
    longest = max(alarm["Period"] * (alarm["EvaluationPeriods"] + 1) for alarm in alarms.values())
    answer = cloudwatch.get_metric_data(
        StartTime=now - longest,
        EndTime=now + 1,
        MetricDataQueries=[query(key, alarms[name]) for key, name in names.items()],
    )
    found = {
        names[result["Id"]]: {
            int(moment.timestamp()): value
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True)
        }
        for result in answer["MetricDataResults"]
    }
    return {name for name, alarm in alarms.items() if rings(alarm, found[name], now)}


def query(key: str, alarm: Alarm) -> dict[str, Any]:
    """Return the question for what *alarm* watches."""
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return {
        "Id": key,
        "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": statistic},
    }


def rings(alarm: Alarm, values: Mapping[int, float], now: float) -> bool:
    """Return whether enough of the last periods breach; one that still runs counts once it can."""
    period, count = alarm["Period"], alarm["EvaluationPeriods"]
    running = int(now // period) * period
    newest = running if running in values else running - period
    periods: Sequence[int] = [newest - index * period for index in range(count)]
    compare, missing = COMPARISONS[alarm["ComparisonOperator"]], alarm["TreatMissingData"]
    breaching = [
        compare(values[one], alarm["Threshold"]) if one in values else missing == "breaching"
        for one in periods
    ]
    needed = alarm.get("DatapointsToAlarm", count)
    return bool(sum(breaching) >= needed)
