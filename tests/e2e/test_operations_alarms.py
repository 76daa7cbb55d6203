"""The alarms tell what has gone wrong for a user, and nothing else."""

import json
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from local.dashboard.alarm_state import Alarm
from local.dashboard.figures import Figures
from tests.e2e.operator import Operator, Permission

MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}

# How much faster than in the template time runs for the alarms: an outage of 20 seconds stands for
# one of ten minutes. A period is not shorter than 5 seconds, as queues are looked at every three.
HASTE = 30
SHORTEST_SECONDS = 5

# Taking both leaves each retry to the queue, which comes at a pace that suits a test.
STORING = (
    Permission("UploaderRole", "StoreMessages", "s3:PutObject"),
    Permission("UploaderRole", "TakeMessages", "sqs:ChangeMessageVisibility"),
)
ERRORS = {f"{name}ErrorsAlarm" for name in ("Validator", "Authorizer", "Uploader", "LatencyProbe")}
NOT_STORING = {"UploaderErrorsAlarm", "QueueAgeAlarm", "StoreRetriesAlarm"}


@pytest.fixture
def alarms(one_machine: dict[str, str], aws: Callable[[str], Any]) -> dict[str, Alarm]:
    """Return the deployed alarms by their logical ids, as they are but for their haste."""
    resources = Operator(one_machine, aws).resources
    names = {name: key for key, (kind, name) in resources.items() if kind.endswith("::Alarm")}
    pages = aws("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=list(names))
    deployed = {
        names[alarm["AlarmName"]]: alarm for page in pages for alarm in page["MetricAlarms"]
    }
    assert deployed.keys() == set(names.values())
    return {name: hastened(alarm) for name, alarm in deployed.items()}


def hastened(alarm: Alarm) -> Alarm:
    """Return *alarm* with shorter periods, and a shorter wait of messages before it rings."""
    if {"Name": "service", "Value": "latency_probe"} in alarm["Dimensions"]:
        return alarm  # the probe goes on measuring once a minute
    waits = alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    return {
        **alarm,
        "Period": max(SHORTEST_SECONDS, alarm["Period"] // HASTE),
        "Threshold": alarm["Threshold"] / HASTE if waits else alarm["Threshold"],
    }


def ringing(figures: Figures, alarms: dict[str, Alarm]) -> set[str]:
    """Return the names of those of *alarms* that are in ALARM now."""
    standings = figures.standings(list(alarms.values()), time.time())
    return {name for name, each in zip(alarms, standings, strict=True) if each.state == "ALARM"}


def red_tiles(page_url: str, alarms: dict[str, Alarm]) -> set[str]:
    """Return the names of those of *alarms* that the dashboard page shows in ALARM."""
    with urllib.request.urlopen(f"{page_url}/figures") as answer:  # noqa: S310
        widgets = json.load(answer)["widgets"]
    tiles = [tile for widget in widgets for tile in widget.get("alarms", [])]
    red = {tile["name"] for tile in tiles if tile["state"] == "ALARM"}
    return {name for name, alarm in alarms.items() if alarm["AlarmName"] in red}


def test_broken_uploader_rings_its_alarms_and_no_other(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    alarms: dict[str, Alarm],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """At 3 a.m. the alarm's name is the first answer, and a second one would be a wrong track."""
    operator = Operator(one_machine, aws)
    in_alarm = partial(ringing, Figures(aws("cloudwatch")), alarms)
    seen: set[str] = set()

    def expected_seen() -> bool:
        seen.update(in_alarm())
        return seen >= NOT_STORING

    assert eventually(lambda: not in_alarm(), within_seconds=120), in_alarm()
    with operator.impatient_queue():
        with operator.without(*STORING):
            receipt = call("POST", "/messages/timestamped", {"data": MESSAGE}, one_machine["token"])
            # The retries' alarm wants three periods of half a minute each.
            eventually(expected_seen, within_seconds=150)
            red = red_tiles(one_machine["page_url"], alarms)

        assert red & ERRORS == {"UploaderErrorsAlarm"}
        assert seen == NOT_STORING
        calm = eventually(lambda: not in_alarm(), within_seconds=240)

    assert calm, in_alarm()
    assert len(stored("timestamped", receipt.json()["message_id"])) == 1
