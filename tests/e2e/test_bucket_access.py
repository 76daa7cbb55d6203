"""The bucket of the one-machine stack is read with the tools that people have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Answer = Any


@pytest.mark.usefixtures("receipts")
def test_object_is_looked_at_and_downloaded_whole(
    one_machine: dict[str, str],
    call: Callable[..., Answer],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
    aws: Callable[[str], Any],
    tmp_path: Path,
) -> None:
    """`aws s3 cp` and `download_file` ask for the size by HEAD before they read."""
    sent = {"email_timestream": "1693561101", "text": "Grüße, 世界"}
    receipt = call("POST", "/messages/timestamped", {"data": sent}, one_machine["token"]).json()
    assert eventually(lambda: stored("timestamped", receipt["message_id"]), 60)
    s3, bucket = aws("s3"), one_machine["bucket"]
    path = f"/messages/timestamped/{receipt['message_id']}"
    key = call("GET", path, token=one_machine["token"]).json()["key"]

    head = s3.head_object(Bucket=bucket, Key=key)
    s3.download_file(bucket, key, str(tmp_path / "message.json"))

    content = (tmp_path / "message.json").read_bytes()
    assert content == s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert head["ContentLength"] == len(content)
    assert head["ETag"]
