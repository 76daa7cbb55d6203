"""The document that a security reviewer reads lists the permissions that there are."""

import re

from operations.project import ROOT
from tests.template.deployment import Deployment, listed
from tests.template.rules_access import BY_LAMBDA, statements

NAMES = {
    "Validator": "validator",
    "Authorizer": "authorizer",
    "Uploader": "uploader",
    "LatencyProbe": "latency probe",
    "Canary": "canary",
    "ValidatorCheck": "validator check",
    "UploaderCheck": "uploader check",
}


def test_document_lists_exactly_the_permissions_of_each_function(
    deployments: dict[str, Deployment],
) -> None:
    """Role, statement and action: whoever signs the document signs the template."""
    deployed = {
        (NAMES[role], statement["Sid"], action)
        for role in BY_LAMBDA
        for deployment in deployments.values()
        for statement in statements(deployment, f"{role}Role")
        for action in listed(statement["Action"])
    }

    document = (ROOT / "docs/security.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \| ([^|]+) \|", document, flags=re.M)
    written = {
        (name, sid, action)
        for roles, sid, actions in rows
        for name in (NAMES.values() if roles == "all" else roles.split(", "))
        for action in re.findall(r"`(\w+:\w+)`", actions)
    }

    assert written == deployed
