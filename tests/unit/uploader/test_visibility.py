"""When a delivery that failed comes back."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError
from uploader.delivery import Delivery
from uploader.visibility import Visibility

MakeDelivery = Callable[..., Delivery]


class FakeSqs:
    """A client that moves the entries whose handle is none of *refused*."""

    def __init__(self, refused: tuple[str, ...] = (), error: Exception | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self._refused = refused
        self._error = error

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        """Answer as SQS does: 200 with two lists."""
        if self._error:
            raise self._error
        entries = request["Entries"]
        self.entries += entries
        done = [entry for entry in entries if entry["ReceiptHandle"] not in self._refused]
        return {"Successful": done, "Failed": [entry for entry in entries if entry not in done]}


def push_back(sqs: FakeSqs, *deliveries: Delivery) -> int:
    """Push *deliveries* back through *sqs*."""
    return Visibility(sqs, "https://queue").push_back(deliveries)  # type: ignore[arg-type]


def test_every_delivery_is_moved_within_its_own_bound(make_delivery: MakeDelivery) -> None:
    """One that came often has to wait longer than one that came once."""
    sqs = FakeSqs()

    moved = push_back(
        sqs,
        make_delivery(receipt_handle="first", receive_count=1),
        make_delivery(receipt_handle="often", receive_count=50),
    )

    seconds = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in sqs.entries}
    assert moved == 2
    assert 1 <= seconds["first"] <= 2
    assert 1 <= seconds["often"] <= 900


def test_an_entry_that_sqs_refuses_is_not_counted(make_delivery: MakeDelivery) -> None:
    """SQS answers 200 although it did not do it."""
    sqs = FakeSqs(refused=("stale",))

    moved = push_back(sqs, make_delivery(receipt_handle="stale"), make_delivery())

    assert moved == 1


def test_an_sqs_that_fails_does_not_fail_the_batch(make_delivery: MakeDelivery) -> None:
    """The queue's own visibility timeout applies then."""
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibilityBatch")

    assert push_back(FakeSqs(error=denied), make_delivery()) == 0
    assert push_back(FakeSqs(error=ConnectTimeoutError(endpoint_url="")), make_delivery()) == 0
