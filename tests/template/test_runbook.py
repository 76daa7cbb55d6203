"""The runbook knows every alarm, and sends nobody to a query that does not exist."""

import re

import pytest

from operations.project import ROOT
from tests.support.template import template
from tests.template.deployment import Deployment

NAMES = {
    name
    for name, resource in template()["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
SECTIONS = dict(
    section.split("\n", 1)
    for section in re.split(r"^### ", (ROOT / "docs/runbook.md").read_text(), flags=re.M)[1:]
)


def test_runbook_has_a_section_for_each_alarm() -> None:
    """Whoever is woken finds a page to read, and no page is about an alarm that never rings."""
    assert SECTIONS.keys() == NAMES


@pytest.mark.parametrize("alarm", sorted(NAMES))
def test_section_says_what_where_and_what_to_do(alarm: str) -> None:
    """Three questions, in the order in which they come up."""
    headings = re.findall(r"\*\*(What users see|Where to look|What to do)\.\*\*", SECTIONS[alarm])

    assert headings == ["What users see", "Where to look", "What to do"]


def test_queries_that_are_named_exist(deployments: dict[str, Deployment]) -> None:
    """A name in the runbook is a name in the console."""
    queries = deployments["dev"].of_type("AWS::Logs::QueryDefinition").values()
    names = {query["Properties"]["Name"].split("/", 1)[1] for query in queries}
    text = re.sub(r"\s+", " ", (ROOT / "docs/runbook.md").read_text())

    named = set(re.findall(r"[Qq]uery \*([^*]+)\*", text))

    assert named == names


def test_charts_that_are_named_exist() -> None:
    """A title in the runbook is a title on the dashboard."""
    dashboard = (ROOT / "docs/dashboard.yaml").read_text()
    text = re.sub(r"\s+", " ", (ROOT / "docs/runbook.md").read_text())

    named = set(re.findall(r"[Dd]ashboard, \*([^*]+)\*", text))

    assert named
    assert {title for title in named if f"title: {title}" not in dashboard} == set()
