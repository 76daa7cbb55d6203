"""Rules: the dashboard shows what there is, and nothing that is not."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator, Sequence
from functools import cache
from json import loads
from typing import Any

import yaml

from maintenance.dashboard import body_text
from operations.project import ROOT
from tests.template import metrics
from tests.template.deployment import Deployment
from tests.template.published import unknown_metric
from tests.template.rules import rule
from tests.template.rules_alarms import alarms, gradual


@cache
def source() -> str:
    """Return the body that docs/dashboard.yaml makes."""
    return body_text(yaml.safe_load((ROOT / "docs/dashboard.yaml").read_text()))


@rule
def dashboard_is_what_its_source_says(deployment: Deployment) -> Iterator[str]:
    """The template's text is `make generated`'s, and CloudWatch can read it."""
    body = deployment.source["Resources"].get("Dashboard", {}).get("Properties", {})
    text = body.get("DashboardBody", {}).get("Fn::Sub", "")
    if text != source():
        yield "docs/dashboard.yaml was changed without `make generated`"


def widgets(deployment: Deployment) -> list[dict[str, Any]]:
    """Return the dashboard's widgets."""
    body = loads(deployment.properties("Dashboard").get("DashboardBody", "{}"))
    found: list[dict[str, Any]] = body.get("widgets", [])
    return found


@rule
def widgets_show_what_is_published(deployment: Deployment) -> Iterator[str]:
    """No chart stays empty because of a name that does not exist."""
    region = deployment.pseudo["AWS::Region"]
    for widget in widgets(deployment):
        properties = widget["properties"]
        title = properties.get("title", widget["type"])
        if widget["type"] not in {"alarm", "log", "metric", "text"}:
            yield f"{title}: CloudWatch shows no {widget['type']}"
        if not 1 <= widget["width"] <= 24:
            yield f"{title}: {widget['width']} columns"
        if widget["type"] == "metric":
            if properties.get("region") != region or properties.get("period") != 60:
                yield f"{title}: another region or period"
            yield from (
                f"{title}: {problem}"
                for problem in _unknown_lines(properties, properties["metrics"])
            )
        elif widget["type"] == "log":
            groups = set(re.findall(r"SOURCE '([^']*)'", properties["query"]))
            if not groups or not groups <= deployment.of_type("AWS::Logs::LogGroup").keys():
                yield f"{title}: {groups} are no log groups"


def _unknown_lines(properties: dict[str, Any], lines: Sequence[list[Any]]) -> Iterator[str]:
    ids = {line[-1]["id"] for line in lines if isinstance(line[-1], dict) and "id" in line[-1]}
    for line in lines:
        options = line[-1] if isinstance(line[-1], dict) else {}
        if expression := options.get("expression"):
            search = re.fullmatch(r"SEARCH\('\{Weir,([\w,]+)\} (.*)', '(\w+)', 60\)", expression)
            terms = dict(re.findall(r'(\w+)="([\w-]+)"', search[2])) if search else {}
            if search:
                named = {name: value for name, value in terms.items() if name != "MetricName"}
                found = dict.fromkeys(search[1].split(","), "") | named
                if problem := unknown_metric("Weir", terms["MetricName"], found, search[3]):
                    yield problem
            elif unknown := set(re.findall(r"\b[a-z]\w*", expression)) - ids:
                yield f"{expression} uses {unknown}"
            continue
        namespace, name, *pairs = line[:-1] if options else line
        statistic = options.get("stat", properties.get("stat", "Average"))
        dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
        if problem := unknown_metric(namespace, name, dimensions, statistic):
            yield problem


@rule
def lines_of_alarms_are_their_thresholds(deployment: Deployment) -> Iterator[str]:
    """A line that is called alarm is where the alarm of the same metric rings."""
    thresholds: dict[str, set[float]] = {}
    for alarm in alarms(deployment).values():
        thresholds.setdefault(alarm["MetricName"], set()).add(float(alarm["Threshold"]))
    for widget in widgets(deployment):
        properties = widget["properties"]
        shown = {line[1] for line in properties.get("metrics", []) if len(line) > 1}
        for line in properties.get("annotations", {}).get("horizontal", []):
            known = set().union(*(thresholds.get(name, set()) for name in shown))
            if line.get("label") == "alarm" and line["value"] not in known:
                yield f"{properties['title']}: no alarm rings at {line['value']}"


@rule
def charts_show_their_own_stage(deployment: Deployment) -> Iterator[str]:
    """Two stages of one account are two dashboards, not one sum on both."""
    stage = deployment.parameters["Stage"]
    for widget in widgets(deployment):
        for line in widget["properties"].get("metrics", []):
            text = str(line)
            asks = ["stage", stage] == line[4:6] or f'stage="{stage}"' in text
            if ("Weir" in line or "{Weir" in text) and not asks:
                yield f"{widget['properties']['title']}: {text} is of every stage"


@rule
def dashboard_shows_every_alarm_and_metric(deployment: Deployment) -> Iterator[str]:
    """Whatever rings or is published can be seen in one place, question by question."""
    found = widgets(deployment)
    shown = [arn for widget in found for arn in widget["properties"].get("alarms", [])]
    # It cannot name what there is only under a condition, and a deployment's end CodeDeploy tells.
    permanent = {
        name
        for name in alarms(deployment)
        if name not in gradual(deployment)
        and "Condition" not in deployment.template["Resources"][name]
    }
    if sorted(shown) != sorted(f"{name}.Arn" for name in permanent):
        yield f"alarms on the dashboard: {shown}"
    names = {
        line[1]
        for widget in found
        for line in widget["properties"].get("metrics", [])[:]
        if len(line) > 1
    }
    for _, name, _ in metrics.metrics_published():
        if name not in names:
            yield f"{name} is on no chart"
    questions = re.findall(
        r"## (.*)",
        " ".join(
            widget["properties"]["markdown"] + "\n" for widget in found if widget["type"] == "text"
        ),
    )
    if [question.split()[0] for question in questions] != ["Is", "Is", "How", "Who", "How"]:
        yield f"the questions are {questions}"
