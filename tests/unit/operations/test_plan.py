"""The plan in a pull request: what is dangerous comes first."""

from typing import Any

from operations.plan import table


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
