"""The dashboard of docs/dashboard.yaml as the JSON text in template.yaml that CloudWatch takes.

CloudFormation takes a dashboard's body as one text, which nobody can read, and its own remedy
(AWS::LanguageExtensions) does not know SAM's names for aliases and versions. So the readable form
is the source, and a test compares the two.
"""

import json
import re
from typing import Any

import yaml

from operations.project import ROOT

BODY = re.compile(r"(?<=      DashboardBody: !Sub \|\n)(?:        .*\n)+")


def body_text(dashboard: dict[str, Any]) -> str:
    """Return *dashboard* as JSON text with a widget a line."""
    head = {key: value for key, value in dashboard.items() if key != "widgets"}
    widgets = ",\n".join(compact(widget) for widget in dashboard["widgets"])
    return f'{compact(head)[:-1]},"widgets":[\n{widgets}\n]}}\n'


def compact(value: Any) -> str:
    """Return *value* as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


def in_template(text: str) -> str:
    """Return the template's *text* with the dashboard's body replaced."""
    dashboard = yaml.safe_load((ROOT / "docs/dashboard.yaml").read_text())
    body = "".join(f"        {line}\n" for line in body_text(dashboard).splitlines())
    replaced, count = BODY.subn(lambda _: body, text)
    if count != 1:
        raise SystemExit("template.yaml has no DashboardBody in the form that is expected")
    return replaced
