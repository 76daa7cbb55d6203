"""From 0.1.0 to this release and back, with messages in flight: docs/upgrading.md, tried."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from operations.project import ROOT
from operations.stored import keys, lines
from tests.e2e.conftest import eventually
from tests.e2e.releases import Release, git, release_of, sam_delete
from tests.e2e.traffic import Traffic, stored_ids, waiting_ids

__all__ = ["eventually"]  # a fixture
RELEASED = "3f1dcf2"  # 0.1.0
SECOND = "a-plain-token-of-another-sender-0123456789"
DEAD = 5

Aws = Callable[[str], Any]


class Update:
    """One stack that goes from release to release, and what its senders were promised."""

    def __init__(self, old: Release, folder: Path, layout: str) -> None:
        self.old, self.layout = old, layout
        self.new = Release(ROOT, old.home)
        self.spoiled = release_of(None, folder, old.home)
        self.spoiled.spoil()
        self.stack: dict[str, str] = {}
        self.accepted: set[str] = set()
        self.ids_of_keys: dict[str, set[str]] = {}

    def aws(self, service: str) -> Any:
        """Return a client of the stack's AWS."""
        session: Any = boto3.Session(
            self.stack["access_key_id"],
            self.stack["secret_access_key"],
            region_name=self.stack["region"],
        )
        return session.client(service, endpoint_url=self.stack["endpoint_url"])

    def deploy(self, release: Release, *, fails: bool = False) -> None:
        """Deploy *release* while messages come in; no sender is refused."""
        if not self.stack:
            done = release.run("up", f"StorageLayout={self.layout}")
            assert done.returncode == 0, done.stdout + done.stderr
            self.stack = json.loads((release.home / "stack.json").read_text())
            return
        with Traffic(self.stack, keyed=f"deployment-{len(self.accepted)}") as traffic:
            done = release.run("up")
        assert done.returncode == int(fails), done.stdout + done.stderr
        assert traffic.accepted
        self.note(traffic)

    def note(self, traffic: Traffic) -> None:
        """Take what *traffic* was promised into account."""
        assert traffic.refused == []
        self.accepted.update(traffic.accepted)
        for key, ids in traffic.ids_of_keys.items():
            self.ids_of_keys.setdefault(key, set()).update(ids)

    def resend(self) -> None:
        """Send every message that had a key again, under its key."""
        traffic = Traffic(self.stack)
        for key in self.ids_of_keys:
            traffic.send(key)
        self.note(traffic)

    def stored(self) -> Counter[str]:
        """Return how often each message is stored, in objects of its own and in batches."""
        s3, bucket = self.aws("s3"), self.stack["bucket"]
        found = stored_ids(self.aws, bucket)
        for key in keys(s3, bucket, "batches/"):
            found.update(json.loads(line)["message_id"] for line in lines(s3, bucket, key))
        return found

    def uploader(self, *, runs: bool) -> None:
        """Stop the uploader, or let it go on."""
        client = self.aws("lambda")
        for source in client.list_event_source_mappings()["EventSourceMappings"]:
            client.update_event_source_mapping(UUID=source["UUID"], Enabled=runs)

    def give_up(self, count: int) -> None:
        """Let *count* waiting messages be dead letters, as if all their receives were used up."""
        sqs, moved = self.aws("sqs"), 0
        while moved < count:
            received = sqs.receive_message(
                QueueUrl=self.stack["queue_url"], MessageAttributeNames=["All"], WaitTimeSeconds=5
            )
            for message in received["Messages"]:
                sqs.send_message(
                    QueueUrl=self.stack["dead_letter_queue_url"],
                    MessageBody=message["Body"],
                    MessageAttributes=message["MessageAttributes"],
                )
                sqs.delete_message(
                    QueueUrl=self.stack["queue_url"], ReceiptHandle=message["ReceiptHandle"]
                )
                moved += 1

    def operate(self, *command: str, fails: bool = False) -> str:
        """Run a command of operations/ on the stack; return what it says."""
        environment = {
            "AWS_ENDPOINT_URL": self.stack["endpoint_url"],
            "AWS_ACCESS_KEY_ID": self.stack["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.stack["secret_access_key"],
            "AWS_DEFAULT_REGION": self.stack["region"],
            "PYTHONPATH": "functions/validator",
        }
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == int(fails), done.stdout + done.stderr
        return done.stdout + done.stderr

    def token(self, action: str, *options: str, fails: bool = False) -> str:
        """Run `make token`."""
        return self.operate("operations.token", action, "--stage", "local", *options, fails=fails)


@pytest.fixture(params=["message", "batch"])
def update(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Update]:
    """Deploy 0.1.0 to a stack of its own, and end it after the test."""
    if request.config.getoption("--stack-name"):
        pytest.skip("deletes the stack: only for a stack on one machine")
    if git("cat-file", "-e", RELEASED).returncode:
        pytest.skip("a clone without history does not have 0.1.0: git fetch --unshallow")
    old = release_of(RELEASED, tmp_path / "released", tmp_path / "home")
    update = Update(old, tmp_path / "spoiled", request.param)
    try:
        update.deploy(old)
        yield update
    finally:
        old.run("down")


def test_no_message_is_lost_and_no_sender_locked_out_on_the_way_here_and_back(
    update: Update,
    eventually: Callable[..., Any],
) -> None:
    """Whoever runs 0.1.0 must get here, and back, without a quiet hour."""

    def all_are_stored(within_seconds: int = 120) -> None:
        eventually(lambda: update.accepted <= set(update.stored()), within_seconds=within_seconds)
        found = update.stored()
        assert update.accepted - set(found) == set()
        if update.layout == "message":
            assert {name: count for name, count in found.items() if count > 1} == {}

    update.aws("ssm").put_parameter(
        Name="/weir/local/tokens/second", Type="SecureString", Value=SECOND
    )
    second = update.stack | {"token": SECOND}
    update.uploader(runs=False)
    before = Traffic(update.stack)
    for number in range(10):
        before.send(f"before-{number}")
        before.send()
    update.note(before)
    update.give_up(DEAD)

    update.deploy(update.spoiled, fails=True)  # a rollback in the middle
    update.uploader(runs=True)
    update.deploy(update.new)
    assert "put back" in update.operate(
        *("operations.replay", "--stack-name", update.stack["stack_name"]),
        *("--source", "dead-letter", "--apply"),
    )
    update.resend()
    all_are_stored()

    made = update.token("make", "--client", "third").split()
    update.token("rotate", "--client", "second")
    assert len([word for word in made if len(word) > 40]) == 1
    listed = update.token("plain", "--apply", fails=True)
    assert "third: SSM remembers no plain value" in listed
    assert "1 clients stay as they are" in listed

    update.deploy(update.old)  # a rollback after
    update.resend()
    after_rollback = Traffic(second)
    after_rollback.send()
    update.note(after_rollback)
    assert len(after_rollback.accepted) == 1
    update.deploy(update.new)
    update.resend()
    all_are_stored()
    if update.layout == "message":
        assert {key: ids for key, ids in update.ids_of_keys.items() if len(ids) > 1} == {}

    update.uploader(runs=False)
    with Traffic(update.stack) as during_deletion:
        deleted = sam_delete(update.old.home)
    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    waiting = waiting_ids(update.aws, update.stack["queue_url"])
    kept = set(update.stored())
    assert update.accepted <= kept
    assert set(during_deletion.accepted) <= waiting | kept
    again = update.new.run("up")
    if "Service Unavailable" in again.stderr:  # the emulator was too busy to answer SAM
        again = update.new.run("up")
    assert again.returncode == 0, again.stdout + again.stderr
    assert update.accepted <= set(update.stored())
    sys.stdout.write(
        f"{update.layout}: {len(update.accepted)} messages accepted and stored, "
        f"{len(update.ids_of_keys)} keys, {DEAD} dead letters\n"
    )
