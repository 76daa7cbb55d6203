"""Each release's uploader stores what the other release's validator put into the queue."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operations.project import ROOT
from tests.integration.canary.account import RUNTIME, Account
from tests.support.template import AWS, template_environment

RELEASED = "3f1dcf2"  # 0.1.0
RECORDED = ("single", "batch", "mixed")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 0.1.0's uploader and recorded events, taken out of git."""
    folder = tmp_path_factory.mktemp("released")
    wanted = ("functions/uploader", "events/uploader")
    taken = subprocess.run(
        ["git", "archive", RELEASED, *wanted], cwd=ROOT, capture_output=True, check=False
    )
    if taken.returncode:
        pytest.skip(f"commit {RELEASED} is not in this checkout (a shallow clone?)")
    subprocess.run(["tar", "-x", "-C", folder], input=taken.stdout, check=True)
    return folder


def stored(code: Path, records: Path, name: str, folder: Path) -> tuple[Any, set[str]]:
    """Return what the uploader of *code* answers to an event of *records*, and its keys."""
    with Account() as account:
        names = {"MESSAGE_BUCKET_NAME": "weir", "MESSAGE_QUEUE_URL": f"{account.url}/1/messages"}
        environment = AWS | template_environment("uploader", AWS_ENDPOINT_URL=account.url, **names)
        event = (records / "events" / "uploader" / f"{name}.json").read_text()
        answer = folder / "answer.json"
        subprocess.run(
            [sys.executable, "-c", RUNTIME, "uploader.handler", "lambda_handler", event, answer],
            env=environment | {"PYTHONPATH": str(code / "functions/uploader")},
            stdout=subprocess.DEVNULL,
            check=True,
            cwd=folder,
        )
        return json.loads(answer.read_text()), {key for _, key in account.objects}


@pytest.mark.parametrize("name", RECORDED)
def test_both_uploaders_store_both_releases_records(
    name: str, released: Path, tmp_path: Path
) -> None:
    """During a deployment either meets what the other's validator has sent; none is quarantined."""
    for records in (ROOT, released):
        event = json.loads((records / "events" / "uploader" / f"{name}.json").read_text())
        messages = sum("message_id" in each["messageAttributes"] for each in event["Records"])

        found = [stored(code, records, name, tmp_path) for code in (ROOT, released)]

        assert [answer for answer, _ in found] == [{"batchItemFailures": []}] * 2
        (_, new), (_, old) = found
        assert new == old
        assert len(new) == len(event["Records"])
        assert sum(key.startswith("messages/") for key in new) <= messages
        if name != "mixed":
            assert all(key.startswith("messages/") for key in new)
