"""`make audit` in small: planted losses and doubles are named, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from operations.project import ROOT

BATCH = {"data": [{"email_timestream": "1693561101", "number": number} for number in range(60)]}
PLANTED = 5


def audit(stack: dict[str, str], since: datetime) -> tuple[int, list[str]]:
    """Run the command as its user does; return its exit code and its lines."""
    environment = {
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_ACCESS_KEY_ID": stack["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack["secret_access_key"],
        "AWS_DEFAULT_REGION": stack["region"],
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "operations.audit", "--stack-name", stack["stack_name"]),
            *("--from", since.isoformat(timespec="milliseconds")),
        ],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr.count("Traceback"), done.stderr
    return done.returncode, done.stdout.splitlines()


def test_planted_losses_and_doubles_are_all_that_an_audit_names(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """A count says that something is wrong; an audit says what."""
    s3, bucket = aws("s3"), one_machine["bucket"]
    since = datetime.now(UTC)

    answer = call("POST", "/messages/timestamped/batch", BATCH, one_machine["token"])
    ids = [result["message_id"] for result in answer.json()["results"]]

    def keys() -> dict[str, str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="messages/")
        found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {name: key for key in found for name in ids if name in key}

    assert eventually(lambda: len(keys()) == len(ids), within_seconds=60)
    before = audit(one_machine, since)
    at = keys()
    lost, doubled = ids[:PLANTED], ids[PLANTED : 2 * PLANTED]
    for message_id in lost:
        s3.delete_object(Bucket=bucket, Key=at[message_id])
    for message_id in doubled:
        # As an uploader would that named its objects after the delivery.
        s3.put_object(
            Bucket=bucket,
            Key=at[message_id].replace(".json", "-again.json"),
            Body=b"{}",
            IfNoneMatch="*",
        )
    try:
        code, lines = audit(one_machine, since)
    finally:
        for message_id in doubled:
            s3.delete_object(Bucket=bucket, Key=at[message_id].replace(".json", "-again.json"))

    named = {tuple(line.split()[:2]) for line in lines if line.startswith(("MISSING", "TWICE"))}
    assert before[0] == 0, before
    assert any(line.split() == ["60", "stored"] for line in before[1])
    assert code == 1
    assert named == {("MISSING", each) for each in lost} | {("TWICE", each) for each in doubled}
