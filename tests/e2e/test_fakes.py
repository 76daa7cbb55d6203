"""The simulated S3 and SQS say what the emulator says to the same calls.

In a bucket and queues of their own, so on a deployed stack it is left out.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation.dialogues import differences, s3_dialogue, sqs_dialogue
from tests.simulation.run import load
from tests.simulation.test_fakes import (
    in_a_calm_world,
    make_bucket,
    make_queues,
    s3_of_the_world,
    sqs_of_the_world,
)

Aws = Callable[[str], Any]


@pytest.fixture(autouse=True)
def _only_on_one_machine(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--stack-name"):
        pytest.skip("it would make a bucket and queues in the account")


def test_s3_says_what_the_emulator_says(aws: Aws, own_stack: object) -> None:
    """Conditional writes, checksums, metadata, lists and deletions."""
    s3 = aws("s3")

    theirs = s3_dialogue(s3, make_bucket(s3))

    assert differences("emulator", theirs, in_a_calm_world(load()[0], s3_of_the_world)) == []


def test_sqs_says_what_the_emulator_says(aws: Aws, own_stack: object) -> None:
    """Entries that are refused, visibility, attributes, handles and dead letters."""
    sqs = aws("sqs")

    theirs = sqs_dialogue(sqs, *make_queues(sqs))

    assert differences("emulator", theirs, in_a_calm_world(load()[0], sqs_of_the_world)) == []
