"""A stored message is found by its receipt, in both layouts."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from operations.stored import find, message_ids, prefixes
from tests.support.bucket import FakeS3

MOMENT = datetime(2026, 1, 15, 10, 20, 30, tzinfo=UTC)
HOUR = "dt=2026-01-15/hour=10"
RECEIPT = {"message_id": "id-1", "contract": "email", "received_at": "2026-01-15T10:20:30.000Z"}


def batch(*messages: tuple[str, Any]) -> bytes:
    """Return a batch's object with these *messages*, each an id and what was sent."""
    written = [
        json.dumps({"message_id": name, "message": sent}, ensure_ascii=False)
        for name, sent in messages
    ]
    return gzip.compress("".join(line + "\n" for line in written).encode())


ONE_EACH: Any = FakeS3(
    {f"messages/contract=email/{HOUR}/20260115T102030.000Z_id-1.json": b'{"a": 1}'}
)
MANY, BY_0_1_0 = [
    cast(
        "Any",
        FakeS3(
            {
                f"batches/{folder}{HOUR}/20260115T102030.000Z_0.ndjson.gz": batch(
                    ("id-0", "id-1"), ("id-1", "\u2028")
                )
            }
        ),
    )
    for folder in ("contract=email/", "")
]


def test_message_of_its_own_object_is_found() -> None:
    """The receipt alone says where."""
    stored = find(ONE_EACH, "bucket", RECEIPT)

    assert stored
    assert stored.text == '{"a": 1}'


@pytest.mark.parametrize("s3", [MANY, BY_0_1_0], ids=["by this release", "by 0.1.0"])
def test_message_within_a_batch_is_found(s3: Any) -> None:
    """A message that only speaks of another's id is not that other."""
    stored = find(s3, "bucket", RECEIPT)

    assert stored
    assert json.loads(stored.text) == {"message_id": "id-1", "message": "\u2028"}


def test_message_that_is_not_stored_is_not_found() -> None:
    """Whoever waits asks again."""
    assert find(MANY, "bucket", RECEIPT | {"message_id": "id-2"}) is None


def test_ids_of_both_layouts_are_counted() -> None:
    """A stack whose layout was changed has both."""
    one_each, many, old = (
        list(message_ids(s3, "bucket", ["email", "timestamped"], MOMENT, MOMENT))
        for s3 in (ONE_EACH, MANY, BY_0_1_0)
    )

    assert (one_each, many, old) == (["id-1"], ["id-0", "id-1"], ["id-0", "id-1"])


def test_every_hour_that_a_run_touches_is_searched() -> None:
    """A message of an hour left out would count as lost."""
    since = datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC)
    until = datetime(2026, 1, 16, 0, 0, 0, tzinfo=UTC)

    assert list(prefixes(["email"], since, until)) == [
        "messages/contract=email/dt=2026-01-15/hour=22/",
        "messages/contract=email/dt=2026-01-15/hour=23/",
        "messages/contract=email/dt=2026-01-16/hour=00/",
    ]


def test_every_contract_of_the_profile_is_searched() -> None:
    """Each contract has a folder of its own."""
    moment = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)

    found = list(prefixes(["email", "timestamped"], moment, moment))

    assert [prefix.split("/")[1] for prefix in found] == ["contract=email", "contract=timestamped"]
