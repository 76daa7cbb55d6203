"""Two stages in one account and region share no metric: each rings, and draws, for itself alone."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from local.dashboard.alarm_state import Alarm
from local.dashboard.figures import Figures
from local.dashboard.picture import picture
from local.stack.glue.permissions import translate_roles
from local.stack.local_stack import Keys, LocalStack
from operations.project import ROOT, SAM
from tests.conftest import OwnStack
from tests.e2e.operator import Operator

SECOND = "second"
MARK = 1e9  # a value that nothing measures
MANY = (
    10_000.0  # times, as the stage's own probe goes on measuring, and some alarms take a percentile
)
MINUTES = 70  # the longest look of an alarm is an hour
SCHEDULE = ROOT / "events/latency_probe/schedule.json"
BATCH = ROOT / "events/uploader/batch.json"
PUBLISH_SECONDS = 60


@dataclass(frozen=True)
class Stage:
    """One deployed stage, and how to look at it."""

    name: str
    operator: Operator

    def alarms(self) -> dict[str, Alarm]:
        """Return the alarms on Weir's own metrics by their logical ids."""
        ids = {
            name: key
            for key, (kind, name) in self.operator.resources.items()
            if kind == "AWS::CloudWatch::Alarm"
        }
        pages = self.operator.aws("cloudwatch").get_paginator("describe_alarms")
        return {
            ids[alarm["AlarmName"]]: alarm
            for page in pages.paginate(AlarmNames=list(ids))
            for alarm in page["MetricAlarms"]
            if alarm.get("Namespace") == "Weir"
        }

    def ringing(self) -> set[str]:
        """Return the logical ids of the alarms that ring now."""
        alarms = self.alarms()
        figures = Figures(self.operator.aws("cloudwatch"))
        standings = figures.standings(list(alarms.values()), time.time())
        return {name for name, each in zip(alarms, standings, strict=True) if each.state == "ALARM"}

    def marked_charts(self) -> dict[str, bool]:
        """Return each chart of Weir's own metrics, and whether MARK is to be seen on it."""
        cloudwatch = self.operator.aws("cloudwatch")
        name = self.operator.physical_id("Dashboard")
        text = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
        drawn = picture(Figures(cloudwatch), name, text, MINUTES, int(time.time()))
        widgets = zip(json.loads(text)["widgets"], drawn["widgets"], strict=True)
        return {
            chart["title"]: any(
                abs(value or 0) >= MARK for curve in chart["curves"] for _, value in curve["points"]
            )
            for widget, chart in widgets
            if "Weir" in str(widget["properties"].get("metrics"))
        }


@pytest.fixture(scope="module")
def stages(
    own_stack: OwnStack | None, one_machine: dict[str, str], aws: Callable[[str], Any]
) -> Iterator[tuple[Stage, Stage]]:
    """Deploy a second stage beside the one that `make up` deployed, into the same account."""
    if own_stack is None:
        pytest.skip("deploys a second stack: only beside a stack of the test's own")
    formation = aws("cloudformation")
    name = f"weir-{SECOND}"
    [described] = formation.describe_stacks(StackName=one_machine["stack_name"])["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}
    parameters |= {"Stage": SECOND, "TargetImageId": "/weir/local/image"}
    sam(
        own_stack,
        *("deploy", "--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"),
        *("--template-file", str(own_stack.folder / "build" / "one-machine.yaml")),
        *("--stack-name", name, "--region", one_machine["region"]),
        *(
            "--parameter-overrides",
            *(f"{key}={value}" for key, value in parameters.items() if value),
        ),
    )
    second = Operator({**one_machine, "stack_name": name}, aws)
    kinds = second.resources.values()
    translate_roles(aws("iam"), [each for kind, each in kinds if kind == "AWS::IAM::Role"])
    try:
        yield Stage(parameters["Stage"], second), Stage("local", Operator(one_machine, aws))
    finally:
        sam(own_stack, "delete", "--no-prompts", "--stack-name", name, "--region", "eu-central-1")


def sam(own: OwnStack, *arguments: str) -> None:
    """Run SAM against the emulator of *own*."""
    summary = own.summary()
    keys = Keys(summary["access_key_id"], summary["secret_access_key"])
    assert own.port
    done = subprocess.run(
        [*SAM, *arguments],
        cwd=own.folder,
        env=LocalStack(own.folder, own.port).sealed_environment(keys),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def mark(cloudwatch: Any, name: str, dimensions: list[Mapping[str, str]]) -> None:
    """Publish MARK as every minute's value of one metric; below 0 where little is bad."""
    now = int(time.time())
    value = -MARK if name == "TargetReachable" else MARK
    cloudwatch.put_metric_data(
        Namespace="Weir",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": dimensions,
                "Timestamp": datetime.fromtimestamp(now - 60 * minute, UTC),
                "Values": [value],
                "Counts": [MANY],
            }
            for minute in range(MINUTES)
        ],
    )


def test_functions_of_a_stage_publish_under_its_name_alone(
    stages: tuple[Stage, Stage],
    aws: Callable[[str], Any],
    eventually: Callable[..., Any],
) -> None:
    """What the template gives the functions is what comes out of their log lines."""
    second, _ = stages
    figures = Figures(aws("cloudwatch"))
    published = {"LatencyProbeFunction": "RoundTripTime", "UploaderFunction": "MessagesStored"}

    second.operator.invoke("LatencyProbeFunction", json.loads(SCHEDULE.read_text()))
    second.operator.invoke("UploaderFunction", json.loads(BATCH.read_text()))

    def stages_of(metric: str) -> set[str | None]:
        found = [each for each in figures.metrics("Weir") if each.name == metric]
        return {dict(each.dimensions).get("stage") for each in found}

    for metric in published.values():
        assert eventually(lambda name=metric: SECOND in stages_of(name), PUBLISH_SECONDS), metric
        assert stages_of(metric) <= {SECOND, "local"}


def test_alarms_and_charts_of_a_stage_see_no_other(
    stages: tuple[Stage, Stage], aws: Callable[[str], Any]
) -> None:
    """Everything is wrong in the second stage, and the first one's watch sleeps on."""
    second, first = stages
    calm = first.ringing()
    cloudwatch = aws("cloudwatch")
    watched = second.alarms()
    shown = {
        each.name: list(each.to_api()["Dimensions"])
        for each in Figures(cloudwatch).metrics("Weir")
        if dict(each.dimensions).get("stage") == "local" and "ColdStart" not in each.name
    }
    canary = [{"Name": "service", "Value": "canary"}]
    shown |= {"CanaryLate": canary, "Freshness": canary}  # it is off in the first stage
    own = {"Name": "stage", "Value": SECOND}
    for name, dimensions in shown.items():
        others = [each for each in dimensions if each["Name"] not in ("stage", "target")]
        mark(cloudwatch, name, [*others, own])
        mark(cloudwatch, name, [*others, own, {"Name": "target", "Value": "192.0.2.1:7"}])
    for alarm in watched.values():
        mark(cloudwatch, alarm["MetricName"], alarm["Dimensions"])

    assert second.ringing() == watched.keys()
    assert first.ringing() <= calm
    assert first.alarms().keys() == watched.keys()
    assert not any(first.marked_charts().values())
    charts = second.marked_charts()
    assert len(charts) > 10
    assert [title for title, marked in charts.items() if not marked] == []
