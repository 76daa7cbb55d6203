"""Readers can be pointed at another bucket: what docs/restore.md promises of a restored one."""

import json
from collections.abc import Callable
from typing import Any

MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z", "key": "to be restored"}
RESTORED = "weir-restored"
STORED_SECONDS = 60


def test_messages_read_the_same_from_a_restored_bucket(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """AWS Backup writes keys, bytes and metadata into another bucket, and nothing else is needed.

    The copies stand for its restore, which is not on one machine.
    """
    s3, source = aws("s3"), one_machine["bucket"]
    answer = call("POST", "/messages/timestamped", {"data": MESSAGE}, one_machine["token"])
    message_id = answer.json()["message_id"]
    assert eventually(lambda: stored("timestamped", message_id), within_seconds=STORED_SECONDS)
    s3.create_bucket(
        Bucket=RESTORED, CreateBucketConfiguration={"LocationConstraint": one_machine["region"]}
    )

    keys = listed(s3, source)
    for key in keys:
        s3.copy_object(Bucket=RESTORED, Key=key, CopySource={"Bucket": source, "Key": key})

    assert listed(s3, RESTORED) == keys
    [key] = [key for key in keys if message_id in key]
    original, copy = (s3.get_object(Bucket=bucket, Key=key) for bucket in (source, RESTORED))
    assert json.loads(copy["Body"].read()) == MESSAGE
    assert copy["Metadata"] == original["Metadata"]
    assert copy["ContentType"] == original["ContentType"]


def listed(s3: Any, bucket: str) -> list[str]:
    """Return the keys of the messages in *bucket*."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="messages/")
    return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
