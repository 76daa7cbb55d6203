"""Receipts: where a message is stored, and why it cannot be told."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ConnectTimeoutError
from validator.aws import CALL_SECONDS
from validator.deadline import Deadline
from validator.intake.message_id import time_ms_of
from validator.problems import ProblemError
from validator.receipts import Receipts, object_key

from tests.unit.validator.fakes import FAR, AtOnce, Clock, refusal

MESSAGE_ID = "0190163d-8694-739b-aea5-966c26f8ad91"
KEY = object_key("email", MESSAGE_ID)


class FakeListing:
    """A bucket that lists what a test has put into it."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys
        self.error: Exception | None = None
        self.calls = 0

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """Return the first object of the prefix."""
        self.calls += 1
        if self.error:
            raise self.error
        found = sorted(key for key in self.keys if key.startswith(request["Prefix"]))
        moment = datetime(2024, 6, 14, 10, 14, 30, 250_000, UTC)
        contents = [{"Key": key, "Size": 42, "LastModified": moment} for key in found]
        return {"Contents": contents[: request["MaxKeys"]]} if contents else {}


def receipts(s3: FakeListing, layout: str = "message", now_ms: int = 1 << 47) -> Receipts:
    """Return the receipts of a bucket, long after all messages were sent."""
    return Receipts(cast("Any", s3), "bucket", AtOnce(), lambda _: layout, lambda: now_ms)


def test_says_where_a_message_is_stored() -> None:
    """The sender can hand the key to whoever reads the bucket."""
    assert receipts(FakeListing(KEY)).find("email", MESSAGE_ID, FAR.allows_call) == {
        "message_id": MESSAGE_ID,
        "contract": "email",
        "status": "stored",
        "received_at": "2024-06-14T10:14:09.300Z",
        "key": KEY,
        "size_bytes": 42,
        "stored_at": "2024-06-14T10:14:30.250Z",
    }


@pytest.mark.parametrize("keys", [[], [f"{KEY}.tmp"], [object_key("a", MESSAGE_ID)]], ids=repr)
def test_a_message_that_is_not_there_may_come(keys: list[str]) -> None:
    """The answer says when to ask again."""
    with pytest.raises(ProblemError, match="not-stored") as refused:
        receipts(FakeListing(*keys)).find("email", MESSAGE_ID, FAR.allows_call)

    assert refused.value.headers == {"retry-after": "5"}


def test_does_not_ask_for_an_id_that_nobody_got() -> None:
    """A guess costs a list request, and would never be stored."""
    s3 = FakeListing()

    with pytest.raises(ProblemError, match="not-stored") as refused:
        receipts(s3).find("email", "../../secrets", FAR.allows_call)

    assert (s3.calls, refused.value.headers) == (0, {})


def test_no_key_names_a_message_of_layout_batch() -> None:
    """Whoever reads "not stored" sends it again."""
    with pytest.raises(ProblemError, match="not-traceable"):
        receipts(FakeListing(), "batch").find("email", MESSAGE_ID, FAR.allows_call)


def test_a_message_stored_before_the_layout_changed_is_found() -> None:
    """Its key did not change with the contract."""
    assert (
        receipts(FakeListing(KEY), "batch").find("email", MESSAGE_ID, FAR.allows_call)["key"] == KEY
    )


@pytest.mark.parametrize(
    "batch",
    [
        "batches/contract=email/dt=2024-06-14/hour=10/20240614T101409.300Z_0.ndjson.gz",
        "batches/dt=2024-06-14/hour=10/20240614T101409.300Z_0.ndjson.gz",
    ],
    ids=["by this release", "by 0.1.0"],
)
def test_a_message_of_an_hour_with_batches_may_be_in_one(batch: str) -> None:
    """The contract was stored in batches then, whatever its layout is now."""
    with pytest.raises(ProblemError, match="not-traceable"):
        receipts(FakeListing(batch)).find("email", MESSAGE_ID, FAR.allows_call)


@pytest.mark.parametrize(
    "batch",
    [
        "batches/contract=email/dt=2024-06-14/hour=11/1.ndjson.gz",
        "batches/contract=email-v2/dt=2024-06-14/hour=10/1.ndjson.gz",
    ],
)
def test_batches_of_another_hour_or_contract_say_nothing(batch: str) -> None:
    """The message cannot be in them."""
    with pytest.raises(ProblemError, match="not-stored"):
        receipts(FakeListing(batch)).find("email", MESSAGE_ID, FAR.allows_call)


def test_new_messages_cost_one_request() -> None:
    """Senders ask for them again and again until they are stored."""
    s3 = FakeListing("batches/contract=email/dt=2024-06-14/hour=10/1.ndjson.gz")

    with pytest.raises(ProblemError, match="not-stored"):
        receipts(s3, now_ms=time_ms_of(MESSAGE_ID) + 3_599_999).find(
            "email", MESSAGE_ID, FAR.allows_call
        )
    assert s3.calls == 1


def test_no_request_starts_that_could_outlast_the_function() -> None:
    """Three silent requests would take longer than the function may."""
    s3, clock = FakeListing(), Clock()
    deadline = Deadline(clock.now + CALL_SECONDS, clock)
    clock.now += 0.1

    with pytest.raises(ProblemError, match="unavailable"):
        receipts(s3).find("email", MESSAGE_ID, deadline.allows_call)
    assert s3.calls == 0


@pytest.mark.parametrize("error", [refusal("SlowDown"), ConnectTimeoutError(endpoint_url="s3")])
def test_an_outage_is_no_404(error: Exception) -> None:
    """A 404 would say that the message may never have been accepted."""
    s3 = FakeListing(KEY)
    s3.error = error

    with pytest.raises(ProblemError, match="unavailable"):
        receipts(s3).find("email", MESSAGE_ID, FAR.allows_call)
