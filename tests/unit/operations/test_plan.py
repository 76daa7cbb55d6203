"""The plan in a pull request: what is dangerous comes first."""

from typing import Any

import pytest

from operations.plan import table, warnings


def change(action: str, name: str, replacement: str | None = None) -> Any:
    """Return one change of a change set."""
    described = {"Action": action, "LogicalResourceId": name, "ResourceType": "AWS::S3::Bucket"}
    return described | ({"Replacement": replacement} if replacement else {})


def test_removed_and_replaced_resources_come_first() -> None:
    """A reviewer who reads one line must read the one that loses data."""
    found = [
        change("Add", "Added"),
        change("Modify", "Changed", "False"),
        change("Modify", "Replaced", "True"),
        change("Remove", "Removed"),
    ]

    rows = table("weir-dev", found).splitlines()[4:]

    assert [row.split("`")[1] for row in rows] == ["Removed", "Replaced", "Changed", "Added"]


def test_empty_plan_says_so() -> None:
    """No table at all would look like a failure."""
    assert "Nothing would change" in table("weir-dev", [])


class Formation:
    """Answers with the parameters of one change set."""

    def __init__(self, **parameters: str) -> None:
        self._parameters = parameters

    def describe_change_set(self, **_: str) -> dict[str, Any]:
        """Return what CloudFormation would say of it."""
        given = self._parameters.items()
        return {"Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in given]}


@pytest.mark.parametrize(
    ("parameters", "warned"),
    [({"AlarmEmail": ""}, True), ({}, True), ({"AlarmEmail": "you@example.com"}, False)],
)
def test_plan_warns_of_alarms_that_reach_nobody(
    parameters: dict[str, str], *, warned: bool
) -> None:
    """Nobody notices a missing e-mail until something has gone wrong."""
    text = warnings(Formation(**parameters), "plan")  # type: ignore[arg-type]

    assert ("AlarmEmail" in text) == warned
