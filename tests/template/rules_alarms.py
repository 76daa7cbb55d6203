"""Rules: alarms ring for the right thing, and reach somebody."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from typing import Any

from uploader.failures import LONGEST_DELAY_SECONDS

from tests.template.deployment import Deployment
from tests.template.published import unknown_metric
from tests.template.rules import rule

# What the design wants to ring: namespace, metric, dimension's value, statistic, comparison.
ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"
ALARMS = {
    "ServerErrorsAlarm": ("5xx", "HttpApi", "Average", ABOVE, 0.01, 60),
    "ValidatorErrorsAlarm": ("Errors", "ValidatorFunction", "Sum", ABOVE, 0, 300),
    "ValidatorThrottlesAlarm": ("Throttles", "ValidatorFunction", "Sum", ABOVE, 0, 300),
    "RefusedTokensAlarm": ("TokensRefused", "validator", "Sum", ABOVE, 100, 300),
    "RefusedReadersAlarm": ("TokensRefused", "authorizer", "Sum", ABOVE, 100, 300),
    "QueueAgeAlarm": (
        "ApproximateAgeOfOldestMessage",
        "MessageQueue.QueueName",
        "Maximum",
        ABOVE,
        600,
        60,
    ),
    "TimeToStoreAlarm": ("TimeToStore", "uploader", "p99", ABOVE, 60_000, 60),
    "StoreRetriesAlarm": ("MessagesRetried", "uploader", "Minimum", ABOVE, 0, 900),
    "DeadLettersAlarm": (
        "ApproximateNumberOfMessagesVisible",
        "DeadLetterQueue.QueueName",
        "Maximum",
        ABOVE,
        0,
        60,
    ),
    "QuarantineAlarm": ("MessagesQuarantined", "uploader", "Sum", ABOVE, 0, 300),
    "UploaderErrorsAlarm": ("Errors", "UploaderFunction", "Sum", ABOVE, 0, 300),
    "UploaderThrottlesAlarm": ("Throttles", "UploaderFunction", "Sum", ABOVE, 0, 300),
    "AuthorizerErrorsAlarm": ("Errors", "AuthorizerFunction", "Sum", ABOVE, 0, 300),
    "LatencyProbeErrorsAlarm": ("Errors", "LatencyProbeFunction", "Sum", ABOVE, 0, 300),
    "TargetUnreachableAlarm": ("TargetReachable", "latency_probe", "Minimum", BELOW, 1, 60),
    "RoundTripTimeAlarm": ("RoundTripTime", "latency_probe", "p95", ABOVE, 10, 60),
    "PacketLossAlarm": ("PacketLoss", "latency_probe", "Maximum", ABOVE, 10, 60),
}
BACKUP_ALARMS = {
    "BackupFailedAlarm": ("NumberOfBackupJobsFailed", "BackupVault", "Sum", ABOVE, 0, 3600),
}  # there are backups only if asked for
SLOW = {"StoreRetriesAlarm": 60, "BackupFailedAlarm": 60}  # minutes, where the rest takes 5
CANARIES = {"ValidatorCanaryAlarm": "ValidatorFunction", "UploaderCanaryAlarm": "UploaderFunction"}


def alarms(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the properties of every alarm."""
    return {
        name: alarm["Properties"]
        for name, alarm in deployment.of_type("AWS::CloudWatch::Alarm").items()
    }


def dimensions_of(alarm: dict[str, Any]) -> dict[str, str]:
    """Return an alarm's dimensions as a mapping."""
    return {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])}


@rule
def alarms_watch_what_is_published(deployment: Deployment) -> Iterator[str]:
    """No alarm sleeps because its metric, dimension or statistic does not exist."""
    for name, alarm in alarms(deployment).items():
        if name in CANARIES:
            continue
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
def alarms_ring_for_what_the_design_names(deployment: Deployment) -> Iterator[str]:
    """Each alarm watches its own thing, in the right direction and at the right threshold."""
    found = alarms(deployment)
    expected = ALARMS | (BACKUP_ALARMS if deployment.holds("BacksUp") else {})
    if found.keys() != expected.keys() | CANARIES.keys():
        yield f"alarms: {sorted(found.keys() ^ (expected.keys() | CANARIES.keys()))}"
    for name, wanted in expected.items():
        alarm = found.get(name, {})
        watched = (
            alarm.get("MetricName"),
            next(iter(dimensions_of(alarm).values()), None),
            alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
            alarm.get("ComparisonOperator"),
            alarm.get("Threshold"),
            alarm.get("Period"),
        )
        if tuple(map(str, watched)) != tuple(map(str, wanted)):
            yield f"{name} watches {watched}, not {wanted}"


@rule
def alarms_reach_somebody(deployment: Deployment) -> Iterator[str]:
    """An alarm tells the topic when it starts and when it ends, in words for a user."""
    for name, alarm in alarms(deployment).items():
        for key in ("AlarmActions", "OKActions"):
            if alarm.get(key) != ["AlarmTopic"]:
                yield f"{name}: {key} is {alarm.get(key)}"
        if alarm.get("ActionsEnabled", True) is not True:
            yield f"{name} is silenced"
        if len(alarm.get("AlarmDescription", "").split()) < 8:
            yield f"{name} does not say what has gone wrong"
        minutes = alarm.get("EvaluationPeriods", 0) * alarm.get("Period", 60) / 60
        most = SLOW.get(name, 5)
        if (
            not 1 <= minutes <= most
            or alarm.get("DatapointsToAlarm", 1) > alarm["EvaluationPeriods"]
        ):
            yield f"{name} looks at {minutes} minutes"
        silent = "breaching" if name == "TargetUnreachableAlarm" else "notBreaching"
        if alarm.get("TreatMissingData") != silent:
            yield f"{name}: silence is {alarm.get('TreatMissingData')}"
    [allowed] = [
        statement
        for statement in deployment.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ] or [{}]
    if allowed.get("Principal") != {"Service": "cloudwatch.amazonaws.com"} or allowed.get(
        "Condition"
    ) != {"StringEquals": {"aws:SourceAccount": "123456789012"}}:
        yield "the topic takes alarms of others, or none"
    address = deployment.parameters["AlarmEmail"]
    subscription = deployment.properties("AlarmSubscription")
    if bool(address) != bool(subscription) or subscription.get("Endpoint", "") != address:
        yield "alarms do not go to the address"
    if subscription and subscription.get("TopicArn") != "AlarmTopic":
        yield "the address hears of something else"


@rule
def outages_ring_though_retries_are_rare(deployment: Deployment) -> Iterator[str]:
    """One message that waits is tried again too seldom for an alarm that looks at minutes."""
    alarm = alarms(deployment).get("StoreRetriesAlarm", {})
    period, periods = alarm.get("Period", 0), alarm.get("EvaluationPeriods", 0)
    if period < LONGEST_DELAY_SECONDS:
        yield f"retries may skip several periods of {period} seconds"
    if not 3 <= alarm.get("DatapointsToAlarm", periods) < periods:
        yield "a hiccup touches two periods, and one may stay empty between two retries"


@rule
def canaries_are_judged_by_the_new_version(deployment: Deployment) -> Iterator[str]:
    """A canary's alarm is deaf to the old version, whose faults would block their own repair."""
    gradual = deployment.parameters["GradualDeployment"] == "true"
    groups = deployment.of_type("AWS::CodeDeploy::DeploymentGroup")
    if len(groups) != (2 if gradual else 0):
        yield f"deployment groups: {sorted(groups)}"
    for name, function in CANARIES.items():
        alarm = alarms(deployment).get(name, {})
        found = dimensions_of(alarm)
        version = found.pop("ExecutedVersion", "")
        if (alarm.get("MetricName"), alarm.get("Statistic")) != ("Errors", "Sum") or found != {
            "FunctionName": function,
            "Resource": f"{function}:live",
        }:
            yield f"{name} does not watch the canary"
        if not re.fullmatch(rf"{function}Version\w+\.Version", version):
            yield f"{name} watches version {version!r}"
        group = deployment.properties(f"{function}DeploymentGroup")
        if not gradual:
            continue
        configured = group.get("AlarmConfiguration", {})
        if configured.get("Enabled") is not True or configured.get("Alarms") != [{"Name": name}]:
            yield f"{function} is deployed without looking at {name}"
        if "Canary" not in str(group.get("DeploymentConfigName")):
            yield f"{function} is deployed all at once"
        rollback = group.get("AutoRollbackConfiguration", {})
        if "DEPLOYMENT_STOP_ON_ALARM" not in rollback.get("Events", []):
            yield f"{function} is not rolled back"
