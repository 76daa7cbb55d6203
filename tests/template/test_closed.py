"""The tables' own language: what it takes for the same, and what it does not let through."""

from typing import Any

import pytest

from tests.template.closed import (
    ABSENT,
    Between,
    HeldBy,
    Matching,
    Maybe,
    OneOf,
    Policy,
    Statement,
    When,
    Words,
    differences,
)
from tests.template.deployment import Deployment

TEMPLATE = {"Parameters": {"Stage": {"Type": "String"}, "Key": {"Type": "String"}}, "Resources": {}}
RIGHT = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "bucket/*"}
READS = Policy(Statement("s3:GetObject", "bucket/*"))


def differ(decided: Any, found: Any, **given: str) -> list[str]:
    """Return how *found* differs from what was *decided*, with the parameters *given*."""
    deployment = Deployment(TEMPLATE, TEMPLATE, {"Stage": "dev", "Key": "", **given})
    return list(differences(decided, found, deployment, "it"))


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy of *statements*."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("decided", "found"),
    [
        (5, "5"),
        (5, 5.0),
        (True, "true"),
        ("/weir/${Stage}/tokens", "/weir/dev/tokens"),
        ([1, 2], [2, 1]),
        ({"a": Maybe(1)}, {}),
        (Between(1, 5), 5),
        (OneOf([1, 2]), "2"),
        (Matching("a+"), "aaa"),
        (HeldBy("a rule"), {"anything": 1}),
        (Words(), "some words"),
        (When("Key", "${Key}"), ABSENT),
        ([When("Key", 1), 2], [2]),
        (READS, document(RIGHT)),
        (READS, document({**RIGHT, "Sid": "Read", "Action": "s3:GetObject"})),
    ],
)
def test_same_thing_in_other_words_passes(decided: Any, found: Any) -> None:
    """Only what AWS would do otherwise is a difference."""
    assert differ(decided, found) == []


@pytest.mark.parametrize(
    ("decided", "found"),
    [
        (5, 6),
        (5, ABSENT),
        (ABSENT, 5),
        (True, "false"),
        (True, 1),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {}),
        ([1, 2], [1]),
        ([1], [1, 1]),
        ([{"a": 1}], [{"a": 1, "b": 1}]),
        (Between(1, 5), 6),
        (Between(0, 1), True),
        (OneOf([1, 2]), 3),
        (Matching("a+"), "aab"),
        (Words(), ""),
        (When("Key", 1), 1),
        (READS, document()),
        (READS, document(RIGHT, RIGHT | {"Action": "s3:PutObject"})),
        (READS, document(RIGHT | {"Effect": "Deny"})),
        (READS, document(RIGHT | {"Resource": "*"})),
        (READS, document(RIGHT | {"Principal": "*"})),
        (READS, document(RIGHT | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}})),
        (READS, document({"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "bucket/*"})),
        (READS, document(RIGHT | {"Sid": "One"}, RIGHT | {"Sid": "One"})),
        (READS, {"Statement": [RIGHT]}),
        (READS, document(RIGHT) | {"Id": "more"}),
    ],
)
def test_anything_else_is_a_difference(decided: Any, found: Any) -> None:
    """What nobody decided on is refused, wherever it stands."""
    assert differ(decided, found) != []


def test_parameter_decides() -> None:
    """A property that belongs to a parameter is there with it, and only then."""
    assert differ(When("Key", "${Key}", "none"), "mine", Key="mine") == []
    assert differ(When("Key", "${Key}", "none"), "mine") != []
