"""Makes records that failed wait until they are retried."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError
from uploader.record import Record
from uploader.visibility import Visibility

MakeRecord = Callable[..., Record]


class FakeSqs:
    """A client that moves the entries whose handle is not in *refused*."""

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


def push_back(sqs: FakeSqs, *records: Record) -> int:
    """Push *records* back through *sqs*."""
    return Visibility(sqs, "https://queue").push_back(records)  # type: ignore[arg-type]


def test_every_delivery_is_moved_within_its_own_bound(make_record: MakeRecord) -> None:
    """One that came often has to wait longer than one that came once."""
    sqs = FakeSqs()

    moved = push_back(
        sqs,
        make_record(receipt_handle="first", receive_count=1),
        make_record(receipt_handle="often", receive_count=50),
    )

    seconds = {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in sqs.entries}
    assert moved == 2
    assert 1 <= seconds["first"] <= 2
    assert 1 <= seconds["often"] <= 900


def test_an_entry_that_sqs_refuses_is_not_counted(make_record: MakeRecord) -> None:
    """SQS answers 200 although it did not move it."""
    sqs = FakeSqs(refused=("stale",))

    moved = push_back(sqs, make_record(receipt_handle="stale"), make_record())

    assert moved == 1


def test_a_connection_that_was_closed_meanwhile_costs_nothing(make_record: MakeRecord) -> None:
    """Without a second try, a message that failed once would wait for the queue's own timeout."""
    sqs = FakeSqs()
    take = sqs.change_message_visibility_batch
    closed = [ConnectionClosedError(endpoint_url="")]

    def answer(**request: Any) -> dict[str, Any]:
        if closed:
            raise closed.pop()
        return take(**request)

    sqs.change_message_visibility_batch = answer  # type: ignore[method-assign]

    assert push_back(sqs, make_record()) == 1


def test_an_sqs_that_fails_does_not_fail_the_batch(make_record: MakeRecord) -> None:
    """The queue's own visibility timeout applies then."""
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibilityBatch")

    assert push_back(FakeSqs(error=denied), make_record()) == 0
    assert push_back(FakeSqs(error=ConnectTimeoutError(endpoint_url="")), make_record()) == 0


def test_records_are_scattered_over_a_quarter_of_an_hour(make_record: MakeRecord) -> None:
    """Coming back together, they would be killed together by one of them, each time."""
    sqs = FakeSqs()

    for _ in range(20):
        moved = Visibility(sqs, "https://queue").scatter(  # type: ignore[arg-type]
            [make_record(receive_count=2) for _ in range(10)], 60.0
        )
        assert moved == 10

    seconds = [entry["VisibilityTimeout"] for entry in sqs.entries]
    assert min(seconds) >= 60  # not while the attempt may still run
    assert max(seconds) <= 960
    assert len(set(seconds)) > 100
