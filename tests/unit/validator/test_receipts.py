"""Receipts: where a message is stored, and why it cannot be told."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ConnectTimeoutError
from validator.problems import ProblemError
from validator.receipts import Receipts, object_key

from tests.unit.validator.fakes import AtOnce, refusal

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


def receipts(s3: FakeListing, *, in_batches: bool = False) -> Receipts:
    """Return the receipts of a bucket."""
    return Receipts(cast("Any", s3), "bucket", AtOnce(), in_batches=in_batches)


def test_says_where_a_message_is_stored() -> None:
    """The sender can hand the key to whoever reads the bucket."""
    assert receipts(FakeListing(KEY)).find("email", MESSAGE_ID) == {
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
        receipts(FakeListing(*keys)).find("email", MESSAGE_ID)

    assert refused.value.headers == {"retry-after": "5"}


def test_does_not_ask_for_an_id_that_nobody_got() -> None:
    """A guess costs a list request, and would never be stored."""
    s3 = FakeListing()

    with pytest.raises(ProblemError, match="not-stored") as refused:
        receipts(s3).find("email", "../../secrets")

    assert (s3.calls, refused.value.headers) == (0, {})


def test_does_not_ask_where_messages_share_objects() -> None:
    """The key of a batch does not name its messages."""
    s3 = FakeListing(KEY)

    with pytest.raises(ProblemError, match="not-traceable"):
        receipts(s3, in_batches=True).find("email", MESSAGE_ID)
    assert s3.calls == 0


@pytest.mark.parametrize("error", [refusal("SlowDown"), ConnectTimeoutError(endpoint_url="s3")])
def test_an_outage_is_no_404(error: Exception) -> None:
    """A 404 would say that the message may never have been accepted."""
    s3 = FakeListing(KEY)
    s3.error = error

    with pytest.raises(ProblemError, match="unavailable"):
        receipts(s3).find("email", MESSAGE_ID)
