"""Rules: queue, uploader and schedule fit together."""
# ruff: noqa: D401  # a rule's docstring states the promise

import random
from collections.abc import Iterator
from functools import cache
from json import loads
from typing import Any

from uploader.failures import retry_delay

from tests.template.deployment import Deployment
from tests.template.rules import rule

OUTAGE_SECONDS = 24 * 3600  # an outage of S3 that must send nothing to the dead-letter queue
FOURTEEN_DAYS = 14 * 24 * 3600


def mapping(deployment: Deployment) -> dict[str, Any]:
    """Return how the queue is wired to the uploader."""
    return deployment.properties("UploaderFunctionMessages")


@rule
def message_stays_invisible_while_it_is_stored(deployment: Deployment) -> Iterator[str]:
    """Six times the time-out and the window, as AWS asks, so that none is stored twice at once.

    Whoever sets the longest window that the parameter takes gets the same promise.
    """
    timeout = deployment.properties("UploaderFunction").get("Timeout", 3)
    window = deployment.template["Parameters"]["BatchingWindowInSeconds"]["MaxValue"]
    asked = deployment.parameters["BatchingWindowInSeconds"]
    if mapping(deployment).get("MaximumBatchingWindowInSeconds") != asked:
        yield "messages wait for their batch otherwise than asked"
    visibility = deployment.properties("MessageQueue").get("VisibilityTimeout", 30)
    if not 6 * timeout + window <= visibility <= 43200:
        yield f"visibility of {visibility} s for a time-out of {timeout} s"
    if not 30 <= timeout <= 900:
        yield f"the uploader's time-out is {timeout} s"


@rule
def outage_sends_nothing_to_the_dead_letters(deployment: Deployment) -> Iterator[str]:
    """An outage of 24 hours uses up no message's retries, whether it fails one or all."""
    redrive = deployment.properties("MessageQueue").get("RedrivePolicy", {})
    if redrive.get("deadLetterTargetArn") != "DeadLetterQueue.Arn":
        yield "what cannot be stored is dropped"
    allowed = redrive.get("maxReceiveCount", 0)
    visibility = deployment.properties("MessageQueue").get("VisibilityTimeout", 30)
    if OUTAGE_SECONDS / visibility >= allowed:
        yield f"{allowed} receives do not outlast an outage of all"
    if most_receives() >= allowed:
        yield f"{allowed} receives, and one message in a thousand needs {most_receives()}"
    if allowed > 1000:
        yield "SQS takes no more than 1,000"


@cache
def most_receives() -> int:
    """Return how often the unluckiest of a thousand messages comes back during the outage."""
    return max(_receives(random.Random(seed)) for seed in range(1000))  # noqa: S311


def _receives(chance: random.Random) -> int:
    passed, count = 0.0, 0
    while passed < OUTAGE_SECONDS:
        count += 1
        passed += retry_delay(count, chance.uniform)
    return count


@rule
def queues_keep_messages_long_enough(deployment: Deployment) -> Iterator[str]:
    """The dead letters' clock starts with the first enqueue, so they need the longer time."""
    queue = deployment.properties("MessageQueue").get("MessageRetentionPeriod", 345600)
    dead = deployment.properties("DeadLetterQueue").get("MessageRetentionPeriod", 345600)
    if dead != FOURTEEN_DAYS:
        yield f"dead letters are kept for {dead} s"
    if not 7 * 24 * 3600 <= queue <= dead - 3 * 24 * 3600:
        yield f"a message waits for {queue} s at most, and a dead one for {dead - queue} s more"


@rule
def probe_measures_every_minute(deployment: Deployment) -> Iterator[str]:
    """Alarms count on a measurement a minute; one that failed is not repeated: the next comes."""
    schedule = deployment.properties("LatencyProbeFunctionEveryMinute")
    if schedule.get("ScheduleExpression") != "rate(1 minute)":
        yield f"the probe runs at {schedule.get('ScheduleExpression')}"
    if schedule.get("State", "ENABLED") != "ENABLED":
        yield "the schedule is off"
    target = schedule.get("Target", {})
    if target.get("RetryPolicy", {}).get("MaximumRetryAttempts") != 0:
        yield "a late measurement would count for another minute"
    if "requestContext" in loads(target.get("Input", "{}")):
        yield "the probe would take the schedule for a request"
