"""Rules: alarms ring for the right thing, and reach somebody."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from uploader.failures import LONGEST_DELAY_SECONDS

from tests.support.template import FUNCTIONS
from tests.template.deployment import Deployment
from tests.template.published import unknown_metric
from tests.template.rules import rule

ABOVE, BELOW = "GreaterThanThreshold", "LessThanThreshold"
# The alarms that roll a gradual deployment back watch a new version; a rule below is theirs.
GRADUAL = {"ValidatorCanaryAlarm": "ValidatorFunction", "UploaderCanaryAlarm": "UploaderFunction"}
# The slower of two alarms on one metric; a rule below is theirs.
OBJECTIVE = "CanaryObjectiveAlarm"
# Functions whose crash rings otherwise: a silent canary does, and a check fails its deployment.
NOT_UNSEEN = {"CanaryFunction", "UploaderCheckFunction", "ValidatorCheckFunction"}
# Metrics that come every minute, whatever happens: their silence is a fault itself.
HEARTBEATS = {"TargetReachable", "CanaryLate"}
# Minutes within which an alarm rings; a metric that comes more seldom needs a longer look.
PROMPT = 5
SELDOM = {
    "ClientsUnreadable": 15,
    "MessagesRetried": 60,
    "NumberOfBackupJobsFailed": 60,
    "PacketLoss": 15,
}


class Watch(NamedTuple):
    """The thresholds that make sense for a metric: *lowest* to *highest*, and in which direction.

    They are bounds, so that an operator may tune an alarm, and may not make it useless.
    """

    lowest: float = 0
    highest: float = 0
    comparison: str = ABOVE


def watched(deployment: Deployment) -> dict[tuple[str, str], Watch]:
    """Return what has to ring, by metric and by the resource or service that it is about."""
    uploader = deployment.resources["UploaderFunctionMessages"]["Properties"]
    probe = deployment.properties("LatencyProbeFunction")["Environment"]["Variables"]
    window_ms = int(uploader["MaximumBatchingWindowInSeconds"]) * 1000
    never = Watch()
    # One guess a second has to ring within one period of five minutes.
    guesses = Watch(1, PROMPT * 60)
    found = {
        # A function that crashes leaves work undone, and no crash is normal.
        **{("Errors", function): never for function in FUNCTIONS if function not in NOT_UNSEEN},
        # Throttled, these two turn senders away or use up a message's receives. Who asks for the
        # latency asks again, and the probe runs again in a minute.
        ("Throttles", "ValidatorFunction"): never,
        ("Throttles", "UploaderFunction"): never,
        # A dead letter is lost unless a person acts, and so is what nobody finds in quarantine.
        ("ApproximateNumberOfMessagesVisible", "DeadLetterQueue.QueueName"): never,
        ("MessagesQuarantined", "uploader"): never,
        ("MessagesRetried", "uploader"): never,
        # A share: the average of 0 and 1. Above some percent, most senders would have noticed.
        ("5xx", "HttpApi"): Watch(0.001, 0.05),
        # One throttled request a minute, for minutes, is a sender that will not stop by itself.
        ("RequestsThrottled", "api"): Watch(0, 60),
        ("TokensRefused", "validator"): guesses,
        ("TokensRefused", "authorizer"): guesses,
        # A client that cannot be read is locked out, and a token that expires will be.
        ("ClientsUnreadable", "validator"): never,
        ("TokensExpiring", "validator"): never,
        # Later than a batch that is received again after one crash, and within the hour.
        ("ApproximateAgeOfOldestMessage", "MessageQueue.QueueName"): Watch(
            int(deployment.properties("MessageQueue")["VisibilityTimeout"]), 3600
        ),
        # Later than the longest wait for a batch to fill, and before the queue's age would ring.
        ("TimeToStore", "uploader"): Watch(2 * window_ms, 600_000),
        ("TargetReachable", "latency_probe"): Watch(1, 1, BELOW),  # 1 if a target answers, else 0
        # A sample that takes longer than its timeout is lost, and is in no percentile.
        ("RoundTripTime", "latency_probe"): Watch(
            1, float(probe["PROBE_TIMEOUT_SECONDS"]) * 1000 - 1
        ),
        # Below 1.5 a busy minute rings, above 3 the step from 0.3 to 1 ms does not.
        ("RoundTripChange", "latency_probe"): Watch(1.5, 3),
        # In percent: three runs that lose a sample are no chance, and half of them is an outage.
        ("PacketLoss", "latency_probe"): Watch(0, 50),
    }
    if deployment.holds("RunsCanary"):
        found["CanaryLate", "canary"] = never
    if deployment.holds("BacksUp"):
        found["NumberOfBackupJobsFailed", "BackupVault"] = never
    return found


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
def alarms_ring_for_their_own_stage(deployment: Deployment) -> Iterator[str]:
    """What somebody tries in dev wakes nobody who looks after prod."""
    for name, alarm in alarms(deployment).items():
        stage = dimensions_of(alarm).get("stage")
        if alarm.get("Namespace") == "Weir" and stage != deployment.parameters["Stage"]:
            yield f"{name} rings for the stage {stage}"


@rule
def alarms_watch_what_is_published(deployment: Deployment) -> Iterator[str]:
    """No alarm sleeps because its metric, dimension or statistic does not exist."""
    for name, alarm in alarms(deployment).items():
        if name in GRADUAL:
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
def everything_that_must_ring_rings_once(deployment: Deployment) -> Iterator[str]:
    """No failure goes unseen, none rings twice, and nothing rings that nobody decided on."""
    found = [
        (alarm.get("MetricName"), next(iter(dimensions_of(alarm).values()), None))
        for name, alarm in alarms(deployment).items()
        if name not in (*GRADUAL, OBJECTIVE)
    ]
    wanted = watched(deployment).keys()
    for missing in wanted - set(found):
        yield f"nothing watches {missing}"
    for number, one in enumerate(found):
        if one not in wanted:
            yield f"nobody decided on an alarm of {one}"
        if one in found[:number]:
            yield f"two alarms watch {one}"


@rule
def thresholds_can_be_crossed_and_mean_something(deployment: Deployment) -> Iterator[str]:
    """An alarm that always rings is switched off, and one that never rings is a false promise."""
    wanted = watched(deployment)
    for name, alarm in alarms(deployment).items():
        about = (alarm.get("MetricName", ""), next(iter(dimensions_of(alarm).values()), ""))
        if name in GRADUAL or about not in wanted:
            continue
        watch, threshold = wanted[about], float(alarm["Threshold"])
        if alarm.get("ComparisonOperator") != watch.comparison:
            yield f"{name} rings when {alarm.get('ComparisonOperator')}"
        if not watch.lowest <= threshold <= watch.highest:
            yield f"{name}: {threshold} is not from {watch.lowest} to {watch.highest}"


@rule
def alarms_ring_soon(deployment: Deployment) -> Iterator[str]:
    """Whoever is to act hears of it in minutes; only what comes seldom takes longer."""
    for name, alarm in alarms(deployment).items():
        if name == OBJECTIVE:
            continue
        periods = alarm.get("EvaluationPeriods", 0)
        minutes = periods * alarm.get("Period", 60) / 60
        if alarm.get("DatapointsToAlarm") == 1:  # it looks back only to see whether it is over
            minutes /= periods
        if not 1 <= minutes <= SELDOM.get(alarm.get("MetricName", ""), PROMPT):
            yield f"{name} looks at {minutes} minutes"
        if alarm.get("DatapointsToAlarm", 1) > alarm["EvaluationPeriods"]:
            yield f"{name} can never ring"


@rule
def one_lost_packet_does_not_ring(deployment: Deployment) -> Iterator[str]:
    """A loss of 2 % shows in one run of three; a single packet may get lost by chance."""
    alarm = alarms(deployment).get("PacketLossAlarm", {})
    lossy, runs = alarm.get("DatapointsToAlarm", 1), alarm.get("EvaluationPeriods", 1)
    if not 3 <= lossy <= runs / 3:
        yield f"packet loss rings for {lossy} of {runs} runs"


@rule
def silence_is_judged_by_the_metric(deployment: Deployment) -> Iterator[str]:
    """Without traffic most metrics are silent, and all is well; a probe must never be silent."""
    for name, alarm in alarms(deployment).items():
        wanted = "breaching" if alarm.get("MetricName") in HEARTBEATS else "notBreaching"
        if alarm.get("TreatMissingData") != wanted:
            yield f"{name}: silence is {alarm.get('TreatMissingData')}"


@rule
def an_outage_of_s3_rings_within_minutes(deployment: Deployment) -> Iterator[str]:
    """One message that waits is enough, and the alarm does not end between two of its retries."""
    alarm = alarms(deployment).get("UploaderErrorsAlarm", {})
    if alarm.get("Period", 0) > 300 or alarm.get("DatapointsToAlarm", 0) != 1:
        yield "an error of the uploader rings late"
    if alarm.get("Period", 0) * alarm.get("EvaluationPeriods", 0) < LONGEST_DELAY_SECONDS:
        yield "an error of the uploader is forgotten before the next retry"


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
    publishers = ["cloudwatch.amazonaws.com"]
    if float(deployment.parameters["MonthlyBudget"]):
        publishers.append("budgets.amazonaws.com")
    allowed = [
        (statement.get("Principal"), statement.get("Condition"))
        for statement in deployment.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    own = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    if allowed != [({"Service": publisher}, own) for publisher in publishers]:
        yield "the topic takes alarms of others, or none"
    address = deployment.parameters["AlarmEmail"]
    subscription = deployment.properties("AlarmSubscription")
    if bool(address) != bool(subscription) or subscription.get("Endpoint", "") != address:
        yield "alarms do not go to the address"
    if subscription and subscription.get("TopicArn") != "AlarmTopic":
        yield "the address hears of something else"


@rule
def budget_reaches_somebody(deployment: Deployment) -> Iterator[str]:
    """The topic hears of half, four fifths and all of what the account may cost; 0 makes none."""
    dollars = deployment.parameters["MonthlyBudget"]
    budget = deployment.properties("Budget")
    if not float(dollars):
        if budget:
            yield "there is a budget that nobody asked for"
        return
    if budget.get("Budget") != {
        "BudgetName": "weir-eu-central-1",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": dollars, "Unit": "USD"},
    }:
        yield "the budget is not the account's, by the month"
    if budget.get("NotificationsWithSubscribers") != [
        {
            "Notification": {
                "NotificationType": "ACTUAL",
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": threshold,
                "ThresholdType": "PERCENTAGE",
            },
            "Subscribers": [{"SubscriptionType": "SNS", "Address": "AlarmTopic"}],
        }
        for threshold in (50, 80, 100)
    ]:
        yield "the topic does not hear of the budget"


@rule
def outages_ring_though_retries_are_rare(deployment: Deployment) -> Iterator[str]:
    """One message that waits is tried again too seldom for an alarm that looks at minutes."""
    alarm = alarms(deployment).get("StoreRetriesAlarm", {})
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
    gradual = deployment.parameters["GradualDeployment"] == "true"
    groups = deployment.of_type("AWS::CodeDeploy::DeploymentGroup")
    if len(groups) != (2 if gradual else 0):
        yield f"deployment groups: {sorted(groups)}"
    for name, function in GRADUAL.items():
        alarm = alarms(deployment).get(name, {})
        found = dimensions_of(alarm)
        version = found.pop("ExecutedVersion", "")
        if (alarm.get("MetricName"), alarm.get("Statistic")) != ("Errors", "Sum") or found != {
            "FunctionName": function,
            "Resource": f"{function}:live",
        }:
            yield f"{name} does not watch the new version"
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


@rule
def the_objective_is_watched_twice(deployment: Deployment) -> Iterator[str]:
    """An outage rings in minutes, and so does a fault that comes and goes, before 43 are used up.

    Both count the canary's silence, and begin with the minutes of the canary, not those before it.
    """
    for name, late, of in (("CanaryLateAlarm", 3, 5), (OBJECTIVE, 10, 360)):
        alarm = alarms(deployment).get(name, {})
        if bool(alarm) != deployment.holds("RunsCanary"):
            yield f"{name} is {'there without' if alarm else 'missing beside'} the canary"
        if not alarm:
            continue
        watch = (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"], alarm["Period"])
        if watch != ("CanaryLate", "Maximum", 0, 60):
            yield f"{name} watches {watch}"
        if (alarm.get("DatapointsToAlarm"), alarm["EvaluationPeriods"]) != (late, of):
            yield f"{name} does not ring for {late} of {of} minutes"
        if alarm.get("WarmUpConfiguration", {}).get("WarmUpPeriodDurationInMinutes", 0) < of:
            yield f"{name} rings for minutes before there was a canary"
    schedule = deployment.properties("CanaryFunctionEveryMinute")
    if (schedule.get("State") == "ENABLED") != deployment.holds("RunsCanary"):
        yield f"the canary's schedule is {schedule.get('State')}"


@rule
def checks_come_before_traffic(deployment: Deployment) -> Iterator[str]:
    """CodeDeploy asks each function's own check about the very version that it would move to.

    It invokes the check asynchronously: a second run would send a second status.
    """
    for function in GRADUAL.values():
        check = function.replace("Function", "CheckFunction")
        variables = deployment.properties(check).get("Environment", {}).get("Variables", {})
        if not re.fullmatch(rf"{function}Version\w+", str(variables.get("VERSION_ARN"))):
            yield f"{check} looks at {variables.get('VERSION_ARN')}"
        if deployment.parameters["GradualDeployment"] == "true":
            policy = deployment.resources[f"{function}Aliaslive"].get("UpdatePolicy", {})
            update = policy.get("CodeDeployLambdaAliasUpdate", {})
            if update.get("BeforeAllowTrafficHook") != check:
                yield f"{function}: {update.get('BeforeAllowTrafficHook')} comes before its traffic"
            group = deployment.properties(f"{function}DeploymentGroup")
            if group.get("ServiceRoleArn") != "DeploymentRole.Arn":
                yield f"{function}: CodeDeploy's own role invokes no check of this name"
    for name in sorted(NOT_UNSEEN):
        retries = deployment.properties(f"{name}EventInvokeConfig").get("MaximumRetryAttempts")
        if retries != 0:
            yield f"{name} is run again after a crash ({retries})"
