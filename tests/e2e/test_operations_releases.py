"""A stack's life: made, brought up to date, rolled back and deleted, while messages come in."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from operations.project import ROOT
from tests.e2e.releases import Release, previous_release, sam_delete
from tests.e2e.traffic import Traffic, stored_ids, waiting_ids

Stack = dict[str, str]


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Release]:
    """Deploy the release before this one to a stack of its own, and end it after the test."""
    if request.config.getoption("--stack-name"):
        pytest.skip("deletes the stack: only for a stack on one machine")
    release = previous_release(tmp_path / "previous", tmp_path / "home")
    started = release.run("up")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield release
    finally:
        release.run("down")


def version(stack: Stack) -> str:
    """Return the version that the API says it is."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(stack["api_url"] + "/health?verbose", timeout=30) as answer:
        found: str = json.load(answer)["version"]
    return found


def test_no_message_is_lost_while_the_stack_is_updated_rolled_back_and_deleted(
    old: Release, eventually: Callable[..., Any]
) -> None:
    """Whoever deploys needs no quiet hour, and whoever deletes by mistake has lost no message."""
    stack: Stack = json.loads((old.home / "stack.json").read_text())
    session: Any = boto3.Session(
        stack["access_key_id"], stack["secret_access_key"], region_name=stack["region"]
    )

    def aws(service: str) -> Any:
        return session.client(service, endpoint_url=stack["endpoint_url"])

    def status() -> str:
        found = aws("cloudformation").describe_stacks(StackName=stack["stack_name"])
        text: str = found["Stacks"][0]["StackStatus"]
        return text

    new = Release(ROOT, old.home)
    assert version(stack) == old.version

    with Traffic(stack) as during_update:
        updated = new.run("up")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert (status(), version(stack)) == ("UPDATE_COMPLETE", new.version)

    old.spoil()
    with Traffic(stack) as during_rollback:
        failed = old.run("up")
    assert (failed.returncode, status()) == (1, "UPDATE_ROLLBACK_COMPLETE"), failed.stdout
    assert "ImpossibleQueue" in failed.stderr
    assert version(stack) == new.version

    accepted = set(during_update.accepted + during_rollback.accepted)
    eventually(lambda: accepted <= set(stored_ids(aws, stack["bucket"])), within_seconds=60)
    assert accepted - set(stored_ids(aws, stack["bucket"])) == set()

    pause_uploader(aws)
    with Traffic(stack) as during_deletion:
        deleted = sam_delete(old.home)
    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    assert during_update.accepted
    assert during_rollback.accepted
    waiting = waiting_ids(aws, stack["queue_url"])
    assert waiting
    kept = stored_ids(aws, stack["bucket"])
    assert accepted <= set(kept)
    assert set(during_deletion.accepted) <= waiting | set(kept)
    assert max(kept.values()) == 1
    assert waiting_ids(aws, stack["dead_letter_queue_url"]) == set()


def pause_uploader(aws: Callable[[str], Any]) -> None:
    """Let messages stay in the queue from now on."""
    sources = aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    for source in sources:
        aws("lambda").update_event_source_mapping(UUID=source["UUID"], Enabled=False)
