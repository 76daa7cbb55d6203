"""The README's tables are the template's: every parameter and every alarm."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.documents.test_diagram import TemplateLoader

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Return the template as it is written."""
    text = (ROOT / "template.yaml").read_text()
    return dict(yaml.load(text, TemplateLoader))  # noqa: S506 (a SafeLoader)


def test_every_parameter_is_listed_with_its_default(template: dict[str, Any]) -> None:
    """Who deploys reads the README, not the template."""
    section = README.partition("## Configuration")[2].partition("\n## ")[0]

    listed = re.findall(r"^\| `(\w+)` \| (?:`(\S+)`|none) \| (.+) \|$", section, re.MULTILINE)

    assert listed == [
        (name, str(parameter["Default"]), parameter["Description"])
        for name, parameter in template["Parameters"].items()
    ]


def test_every_alarm_is_listed_with_what_it_means(template: dict[str, Any]) -> None:
    """Who is woken looks for the alarm's name."""
    listed = re.findall(r"^\| (\w+Alarm) \| (.+) \|$", README, re.MULTILINE)

    assert listed == [
        (name, resource["Properties"]["AlarmDescription"])
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
