"""The documents' tables are the template's: every parameter and every alarm."""

import re

from operations.project import ROOT
from tests.support.template import template

DOCS = ROOT / "docs"


def test_every_parameter_is_listed_with_its_default() -> None:
    """Who deploys reads this table, not the template."""
    table = (DOCS / "configuration.md").read_text().partition("## Metrics")[0]

    listed = re.findall(r"^\| `(\w+)` \| (?:`(\S+)`|none) \| (.+) \|$", table, re.MULTILINE)

    assert listed == [
        (name, str(parameter["Default"]), parameter["Description"])
        for name, parameter in template()["Parameters"].items()
    ]


def test_every_alarm_is_listed_with_what_it_means() -> None:
    """Who is woken looks for the alarm's name."""
    table = (DOCS / "runbook.md").read_text()

    listed = re.findall(r"^\| (\w+Alarm) \| (.+) \|$", table, re.MULTILINE)

    assert listed == [
        (name, resource["Properties"]["AlarmDescription"])
        for name, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
