"""What has come to the dead-letter queue gets into the bucket after all."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.operator import Operator, Permission

MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}
# Taking both leaves each retry to the queue, which comes at a pace that suits a test.
STORING = (
    Permission("UploaderRole", "StoreMessages", "s3:PutObject"),
    Permission("UploaderRole", "TakeMessages", "sqs:ChangeMessageVisibility"),
)


@contextmanager
def few_retries(sqs: Any, queue_url: str) -> Iterator[None]:
    """Let two deliveries be enough for the dead-letter queue, and not a hundred."""
    before = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(before["Attributes"]["RedrivePolicy"]) | {"maxReceiveCount": 2}
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"RedrivePolicy": json.dumps(policy)})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=queue_url, Attributes=before["Attributes"])


def replay(stack: dict[str, str], *options: str) -> str:
    """Run the command as its user does; return what it prints."""
    named = ["--stack-name", stack["stack_name"]]
    command = [sys.executable, "-m", "operations.replay", *named, *options]
    environment = {
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_ACCESS_KEY_ID": stack["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack["secret_access_key"],
        "AWS_DEFAULT_REGION": stack["region"],
    }
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_dead_letters_are_put_back_and_stored_once(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """An outage longer than all retries costs an operator one command, and nobody a message."""
    operator, sqs = Operator(one_machine, aws), aws("sqs")
    dead_letters = operator.physical_id("DeadLetterQueue")

    def waiting() -> int:
        found = sqs.get_queue_attributes(
            QueueUrl=dead_letters, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    with operator.impatient_queue(), few_retries(sqs, one_machine["queue_url"]):
        with operator.without(*STORING):
            receipt = call("POST", "/messages/timestamped", {"data": MESSAGE}, one_machine["token"])
            assert eventually(waiting, within_seconds=60) == 1
        message_id = receipt.json()["message_id"]

        shown = replay(one_machine, "--source", "dead-letter")
        still_waiting = waiting()
        done = replay(one_machine, "--source", "dead-letter", "--apply")
        found = eventually(lambda: stored("timestamped", message_id), within_seconds=60)

    assert "1 would be put back; make replay APPLY=1 (or --apply) does it" in shown
    assert still_waiting == 1
    assert "1 put back" in done
    assert [json.loads(content) for content in found] == [MESSAGE]
    assert waiting() == 0
