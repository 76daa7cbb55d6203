"""Rules: alarms ring for the right thing, and reach somebody."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from uploader.failures import LONGEST_DELAY_SECONDS

from tests.support.template import FUNCTIONS
from tests.template.closed import ABSENT, Between, HeldBy, Maybe, Words, differences
from tests.template.deployment import Deployment
from tests.template.published import unknown_metric
from tests.template.rules import rule

ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"
# Functions that are deployed gradually. The alarms that roll a deployment back watch the new
# version alone; a rule below is theirs.
GRADUAL = {"ValidatorFunction", "UploaderFunction"}
# Functions whose crash rings otherwise: a silent canary does, and a check fails its deployment.
NOT_UNSEEN = {"CanaryFunction", "UploaderCheckFunction", "ValidatorCheckFunction"}
MINUTE, FIVE, QUARTER, HOUR = 60, 300, 900, 3600


class Watch(NamedTuple):
    """What an alarm looks at, and when it rings.

    The threshold may be tuned from *lowest* to *highest*, and may not become useless. It rings when
    *ringing* of the last *periods* periods are beyond it; *silent* says what no data mean.
    """

    lowest: float = 0
    highest: float = 0
    comparison: str = ABOVE
    statistic: str = "Sum"
    ringing: int = 1
    periods: int = 1
    period: int = FIVE
    silent: str = "notBreaching"
    warm_up: int = 0  # minutes before which a new alarm does not ring


def watched(deployment: Deployment) -> dict[tuple[str, str], list[Watch]]:
    """Return what has to ring, by metric and by the resource or service that it is about."""
    uploader = deployment.resources["UploaderFunctionMessages"]["Properties"]
    probe = deployment.properties("LatencyProbeFunction")["Environment"]["Variables"]
    window_ms = int(uploader["MaximumBatchingWindowInSeconds"]) * 1000
    never = Watch()
    # One guess a second has to ring within five minutes.
    guesses = Watch(1, 300)
    # What lasts: three of five minutes, as a single one may be chance.
    lasting = Watch(0, 0, ABOVE, "Sum", 3, 5, MINUTE)
    found = {
        # A function that crashes leaves work undone, and no crash is normal.
        **{("Errors", function): never for function in FUNCTIONS if function not in NOT_UNSEEN},
        # A message that waits alone is tried again only after the longest pause.
        ("Errors", "UploaderFunction"): never._replace(periods=3),
        # Throttled, these two turn senders away or use up a message's receives. Who asks for the
        # latency asks again, and the probe runs again in a minute.
        ("Throttles", "ValidatorFunction"): never,
        ("Throttles", "UploaderFunction"): never,
        # A dead letter is lost unless a person acts, and so is what nobody finds in quarantine.
        ("ApproximateNumberOfMessagesVisible", "DeadLetterQueue.QueueName"): Watch(
            statistic="Maximum", period=MINUTE
        ),
        ("MessagesQuarantined", "uploader"): never,
        # The least of all batches: above 0 if none went well. An hour, of which one quarter may
        # stay empty between two retries; a hiccup touches two.
        ("MessagesRetried", "uploader"): Watch(0, 0, ABOVE, "Minimum", 3, 4, QUARTER),
        # A share: the average of 0 and 1. Above some percent, most senders would have noticed.
        ("5xx", "HttpApi"): lasting._replace(lowest=0.001, highest=0.05, statistic="Average"),
        # One throttled request a minute, for minutes, is a sender that will not stop by itself.
        ("RequestsThrottled", "api"): lasting._replace(highest=60),
        ("TokensRefused", "validator"): guesses,
        ("TokensRefused", "authorizer"): guesses,
        # A client that cannot be read is locked out, and a token that expires will be. One read
        # that SSM throttles is no outage.
        ("ClientsUnreadable", "validator"): Watch(0, 0, ABOVE, "Maximum", 2, 3),
        ("TokensExpiring", "validator"): Watch(statistic="Maximum"),
        # Later than a batch that is received again after one crash, and within the hour.
        ("ApproximateAgeOfOldestMessage", "MessageQueue.QueueName"): lasting._replace(
            lowest=int(deployment.properties("MessageQueue")["VisibilityTimeout"]),
            highest=HOUR,
            statistic="Maximum",
        ),
        # Later than the longest wait for a batch to fill, and before the queue's age would ring.
        ("TimeToStore", "uploader"): lasting._replace(
            lowest=2 * window_ms, highest=600_000, statistic="p99"
        ),
        # 1 if a target answers, else 0; its silence is a fault itself.
        ("TargetReachable", "latency_probe"): Watch(
            1, 1, BELOW, "Minimum", 3, 3, MINUTE, "breaching"
        ),
        # A sample that takes longer than its timeout is lost, and is in no percentile. p95 of all
        # targets' samples shows one slow target among twenty.
        ("RoundTripTime", "latency_probe"): Watch(
            1, float(probe["PROBE_TIMEOUT_SECONDS"]) * 1000 - 1, ABOVE, "p95", 5, 5, MINUTE
        ),
        # Below 1.5 a busy minute rings, above 3 the step from 0.3 to 1 ms does not.
        ("RoundTripChange", "latency_probe"): Watch(1.5, 3, ABOVE, "Maximum", 5, 5, MINUTE),
        # In percent: a loss of 2 % shows in one run of three, a single packet may get lost by
        # chance, and half of them is an outage.
        ("PacketLoss", "latency_probe"): Watch(0, 50, ABOVE, "Maximum", 3, 15, MINUTE),
    }
    if deployment.given("BackupRetentionInDays"):
        found["NumberOfBackupJobsFailed", "BackupVault"] = never._replace(period=HOUR)
    twice = {}
    if deployment.given("Canary"):
        # An outage rings in minutes, and so does a fault that comes and goes, before the 43 minutes
        # of the objective are used up. Both count the canary's silence, and none of the minutes
        # before there was one.
        canary = Watch(statistic="Maximum", period=MINUTE, silent="breaching")
        twice["CanaryLate", "canary"] = [
            canary._replace(ringing=3, periods=5, warm_up=10),
            canary._replace(ringing=10, periods=360, warm_up=360),
        ]
    return {**{one: [watch] for one, watch in found.items()}, **twice}


# The new version has a tenth of the work for five minutes, so each of them counts.
GRADUAL_WATCH = Watch(period=MINUTE)


def alarms(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the properties of every alarm."""
    return {
        name: alarm["Properties"]
        for name, alarm in deployment.of_type("AWS::CloudWatch::Alarm").items()
    }


def dimensions_of(alarm: dict[str, Any]) -> dict[str, str]:
    """Return an alarm's dimensions as a mapping."""
    return {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])}


def about(alarm: dict[str, Any]) -> tuple[str, str]:
    """Return the metric of *alarm*, and the resource or service that it is about."""
    others = (value for name, value in dimensions_of(alarm).items() if name != "stage")
    return alarm.get("MetricName", ""), next(others, "")


def alarm_of(deployment: Deployment, *watched: str) -> dict[str, Any]:
    """Return the alarm of a metric and what it is about; empty if there is none."""
    found = lasting_alarms(deployment).values()
    return next((alarm for alarm in found if about(alarm) == watched), {})


def gradual(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the alarms that look at one version of a function alone, by logical id."""
    return {
        name: alarm
        for name, alarm in alarms(deployment).items()
        if "ExecutedVersion" in dimensions_of(alarm)
    }


def lasting_alarms(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the alarms that ring whether something is deployed or not, by logical id."""
    found = alarms(deployment)
    return {name: found[name] for name in found.keys() - gradual(deployment).keys()}


@rule
def alarms_ring_for_their_own_stage(deployment: Deployment) -> Iterator[str]:
    """What somebody tries in dev wakes nobody who looks after prod."""
    for name, alarm in alarms(deployment).items():
        stage = dimensions_of(alarm).get("stage")
        if alarm.get("Namespace") == "Weir" and stage != deployment.parameters["Stage"]:
            yield f"{name} rings for the stage {stage}"


@rule
def alarms_watch_what_is_published(deployment: Deployment) -> Iterator[str]:
    """No alarm sleeps because its metric, dimension or statistic does not exist."""
    for name, alarm in lasting_alarms(deployment).items():
        statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic", "")
        problem = unknown_metric(
            alarm.get("Namespace", ""),
            alarm.get("MetricName", ""),
            dimensions_of(alarm),
            statistic,
        )
        if problem:
            yield f"{name}: {problem}"


@rule
def everything_that_must_ring_rings_once(deployment: Deployment) -> Iterator[str]:
    """No failure goes unseen, none rings twice, and nothing rings that nobody decided on."""
    found = Counter(about(alarm) for alarm in lasting_alarms(deployment).values())
    wanted = {one: len(watches) for one, watches in watched(deployment).items()}
    for one in sorted(found.keys() | wanted.keys()):
        if one not in wanted:
            yield f"{one} rings: decide on it in rules_alarms.watched"
        elif one not in found:
            yield f"nothing watches {one}"
        elif found[one] != wanted[one]:
            yield f"{found[one]} alarms watch {one}"


@rule
def alarms_look_as_was_decided(deployment: Deployment) -> Iterator[str]:
    """An alarm that always rings is switched off, and one that never rings is a false promise.

    So each looks at what was decided, as often and as long as was decided, and at nothing else.
    """
    wanted = watched(deployment)
    for name, alarm in alarms(deployment).items():
        ways = [GRADUAL_WATCH] if name in gradual(deployment) else wanted.get(about(alarm), [])
        found = [list(differences(as_decided(watch), alarm, deployment, name)) for watch in ways]
        yield from min(found, key=len, default=[])
    for ways in wanted.values():
        for watch in ways[1:]:
            periods = [alarm.get("EvaluationPeriods") for alarm in alarms(deployment).values()]
            if watch.periods not in periods:
                yield f"no alarm looks at {watch.periods} periods"


def as_decided(watch: Watch) -> dict[str, Any]:
    """Return what the properties of an alarm have to be."""
    statistic = "ExtendedStatistic" if watch.statistic.startswith("p") else "Statistic"
    return {
        "AlarmDescription": Words(),
        "Namespace": HeldBy("alarms_watch_what_is_published"),
        "MetricName": HeldBy("everything_that_must_ring_rings_once"),
        "Dimensions": HeldBy("alarms_watch_what_is_published"),
        statistic: watch.statistic,
        "ComparisonOperator": watch.comparison,
        "Threshold": Between(watch.lowest, watch.highest),
        "Period": watch.period,
        "EvaluationPeriods": watch.periods,
        "DatapointsToAlarm": Maybe(watch.ringing)
        if watch.ringing == watch.periods
        else watch.ringing,
        "TreatMissingData": watch.silent,
        "ActionsEnabled": Maybe(True),
        "AlarmActions": ["AlarmTopic"],
        "OKActions": ["AlarmTopic"],
        "Tags": Maybe(HeldBy("nobody")),
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": watch.warm_up}
        if watch.warm_up
        else ABSENT,
    }


@rule
def an_outage_of_s3_rings_within_minutes(deployment: Deployment) -> Iterator[str]:
    """One message that waits is enough, and the alarm does not end between two of its retries."""
    alarm = alarm_of(deployment, "Errors", "UploaderFunction")
    if alarm.get("Period", 0) > 300 or alarm.get("DatapointsToAlarm", 0) != 1:
        yield "an error of the uploader rings late"
    if alarm.get("Period", 0) * alarm.get("EvaluationPeriods", 0) < LONGEST_DELAY_SECONDS:
        yield "an error of the uploader is forgotten before the next retry"


@rule
def alarms_say_what_has_gone_wrong(deployment: Deployment) -> Iterator[str]:
    """Whoever is woken reads it first."""
    for name, alarm in alarms(deployment).items():
        if len(alarm.get("AlarmDescription", "").split()) < 8:
            yield f"{name} does not say what has gone wrong"


@rule
def outages_ring_though_retries_are_rare(deployment: Deployment) -> Iterator[str]:
    """One message that waits is tried again too seldom for an alarm that looks at minutes."""
    alarm = alarm_of(deployment, "MessagesRetried", "uploader")
    if alarm.get("Statistic") != "Minimum":
        yield "among many messages some write always has to be tried again"
    period, periods = alarm.get("Period", 0), alarm.get("EvaluationPeriods", 0)
    if period < LONGEST_DELAY_SECONDS:
        yield f"retries may skip several periods of {period} seconds"
    if not 3 <= alarm.get("DatapointsToAlarm", periods) < periods:
        yield "a hiccup touches two periods, and one may stay empty between two retries"


@rule
def gradual_deployments_are_judged_by_the_new_version(deployment: Deployment) -> Iterator[str]:
    """Their alarms are deaf to the old version, whose faults would block their own repair."""
    judges: dict[str, list[str]] = {function: [] for function in GRADUAL}
    for name, alarm in gradual(deployment).items():
        found = dimensions_of(alarm)
        version = found.pop("ExecutedVersion", "")
        function = found.get("FunctionName", "")
        judges.setdefault(function, []).append(name)
        if (alarm.get("Namespace"), alarm.get("MetricName")) != ("AWS/Lambda", "Errors"):
            yield f"{name} watches {alarm.get('MetricName')}"
        if found != {"FunctionName": function, "Resource": f"{function}:live"}:
            yield f"{name} does not watch the new version"
        if not re.fullmatch(rf"{function}Version\w+\.Version", version):
            yield f"{name} watches version {version!r}"
    for function, names in judges.items():
        group = deployment.properties(f"{function}DeploymentGroup")
        looked_at = group.get("AlarmConfiguration", {}).get("Alarms", [])
        if function not in GRADUAL or len(names) != 1:
            yield f"{function} is judged by {names}"
        if group and looked_at != [{"Name": name} for name in names]:
            yield f"{function} is deployed looking at {looked_at}"


@rule
def canary_runs_where_it_is_asked_for(deployment: Deployment) -> Iterator[str]:
    """Its alarms would ring for ever without it, and it would cost without them."""
    schedule = deployment.properties("CanaryFunctionEveryMinute")
    if (schedule.get("State") == "ENABLED") != deployment.given("Canary"):
        yield f"the canary's schedule is {schedule.get('State')}"
