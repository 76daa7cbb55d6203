"""The tools' side of `events/agreement.json`: where objects are, and how a client may be named.

The functions' sides are tests of the same name beside their own.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from uploader.failures import Reason
from uploader.objects import quarantine_object
from uploader.record import Record

from operations.load.ledger import Ledger
from operations.replay.candidate import Selection
from operations.replay.quarantine import quarantined
from operations.stored import batch_prefixes, message_id_of, prefixes
from operations.token.clients import parameter_name
from tests.support.events import agreement

AGREEMENT = agreement()


class FakeS3:
    """A bucket that lists the *keys*."""

    def __init__(self, *keys: str) -> None:
        self._pages = [{"Contents": [{"Key": key} for key in keys]}]

    def get_paginator(self, operation: str) -> "FakeS3":
        """Return what lists the bucket."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        """Return the listing."""
        return self._pages


@pytest.fixture(params=AGREEMENT["objects"], ids=lambda entry: entry["message_id"])
def agreed(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return one object of the agreement."""
    entry: dict[str, str] = request.param
    return entry


def test_a_load_run_finds_its_messages(agreed: dict[str, str]) -> None:
    """A run that searches elsewhere would report every message as lost."""
    received_at = datetime.fromisoformat(agreed["received_at"])
    ledger = Ledger(to_send=1)
    ledger.enter(ledger.take(1), [agreed["message_id"]])

    [prefix] = prefixes([agreed["contract"]], received_at, received_at)

    assert agreed["key"].startswith(prefix)
    assert agreed["batch_prefix"] in batch_prefixes([agreed["contract"]], received_at, received_at)
    assert ledger.verdict([message_id_of(agreed["key"])]).good


def test_replay_reads_the_time_of_a_quarantined_record(agreed: dict[str, str]) -> None:
    """Replay selects by the key alone, so the key's form is a rule of both."""
    sent_at = datetime.fromisoformat(agreed["received_at"]).astimezone(UTC)
    record = Record("0c83f57c", "handle", 1, sent_at, None, {}, "not JSON")
    key = quarantine_object(record, Reason.BODY_NOT_JSON).key

    found = list(quarantined(FakeS3(key), "bucket", Selection()))  # type: ignore[arg-type]

    assert Path(key).name.partition("_")[0] == Path(agreed["key"]).name.partition("_")[0]
    assert [(one.reason, one.sent_at) for one in found] == [("body-not-json", sent_at)]


@pytest.mark.parametrize("client", AGREEMENT["client_names"]["good"])
def test_a_token_is_made_for_every_name_that_is_served(client: str) -> None:
    """The validator reads the parameter, and the uploader stores what the client sends."""
    assert parameter_name("/weir/dev/tokens", client) == f"/weir/dev/tokens/{client}"


@pytest.mark.parametrize("client", AGREEMENT["client_names"]["bad"])
def test_no_token_is_made_for_a_name_that_is_refused(client: str) -> None:
    """Its messages would be quarantined, or the token would never be read."""
    with pytest.raises(SystemExit, match="A client is named with"):
        parameter_name("/weir/dev/tokens", client)
