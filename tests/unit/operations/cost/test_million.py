"""The bill of a million messages, against examples made by hand."""

import pytest

from operations.cost.million import (
    BATCH_SIZES,
    LAYOUTS,
    ROUTES,
    arriving,
    batches,
    bill,
    object_bytes,
    objects_in_a_batch,
    of_size,
)
from operations.cost.prices import MEASURED, together

# Round figures: 10 ms of CPU on a whole CPU and 1,000 bytes of log for each invocation.
CALL = {"cpu_ms": 10.0, "log_bytes": 1000.0}
ROUND = {
    "validator": {"plain": CALL, "keyed": CALL, "batch_of_100": CALL},
    "uploader": {layout: {"1": CALL, "10": CALL, "100": CALL} for layout in LAYOUTS},
}


def by_item(route: str, layout: str, size: int, contracts: int = 1) -> dict[str, float]:
    """Return the dollars of each line, counted with the round figures."""
    lines = bill(ROUTES[route], layout, size, contracts, ROUND)
    return {line.item: line.dollars for line in lines}


def test_one_message_per_request_costs_what_the_example_says() -> None:
    """Worked out by hand: 512 MB are 0.2894 of a CPU, 1,769 MB are a whole one.

    A request takes 10 / 0.2894 + 10 = 44.55 ms of half a GB, a batch of 100 in sixteen threads
    seven times 20 ms and 10 ms of CPU: 150 ms of 1.7275 GB.
    """
    assert by_item("plain", "message", 100) == pytest.approx(
        {
            "HTTP API requests": 1.00,
            "validator invocations": 0.20,
            "validator GB-seconds": 1e6 * 0.04455078 * 0.5 * 0.0000133334,
            "SQS sends": 0.40,
            "fair queue surcharge": 0.10,
            "SQS receives and deletes": 2 * 100_000 * 0.40 / 1e6,
            "uploader invocations": 10_000 * 0.20 / 1e6,
            "uploader GB-seconds": 10_000 * 0.150 * 1769 / 1024 * 0.0000133334,
            "S3 PUTs": 5.00,
            "cold starts' GB-seconds": (1000 * 0.5 + 10 * 1769 / 1024) * 0.5 * 0.0000133334,
            "GB of logs and metrics": (1.0 + 0.01) * 0.50,
            "GB of access logs": 0.275 * 0.50,
        },
        rel=1e-4,
    )


def test_a_hundred_per_request_in_layout_batch_costs_what_the_example_says() -> None:
    """10,000 requests with ten sends each, 10,000 batches with one PUT each."""
    lines = by_item("batch-100", "batch", 100)

    assert lines["HTTP API requests"] == pytest.approx(0.01)
    assert lines["SQS sends"] == pytest.approx(100_000 * 0.40 / 1e6)
    assert lines["fair queue surcharge"] == pytest.approx(100_000 * 0.10 / 1e6)
    assert lines["S3 PUTs"] == pytest.approx(0.05)


def test_key_costs_a_put_and_its_storage() -> None:
    """The webhook's keys are kept four days, the others one."""
    keyed, webhook = by_item("keyed", "message", 100), by_item("webhook", "message", 100)
    gb_days = 1e6 * 200 / 2**30

    assert keyed["idempotency keys: S3 PUTs"] == pytest.approx(5.00)
    assert keyed["idempotency keys: GB-months"] == pytest.approx(gb_days * 24 / 730 * 0.023)
    assert webhook["idempotency keys: GB-months"] == pytest.approx(4 * gb_days * 24 / 730 * 0.023)
    assert keyed["validator GB-seconds"] > by_item("plain", "message", 100)["validator GB-seconds"]


def test_key_in_both_buckets_costs_twice() -> None:
    """KeysAlsoInMessageBucket is on until nobody goes back to 0.1.0."""
    once, twice = by_item("keyed", "message", 100), by_item("keyed-twice", "message", 100)

    for item in ("idempotency keys: S3 PUTs", "idempotency keys: GB-months"):
        assert twice[item] == pytest.approx(2 * once[item])


@pytest.mark.parametrize(
    ("size", "contracts", "objects"),
    # tests/unit/uploader/test_store.py counts the four PUTs of a hundred under four contracts.
    [(100, 1, 1), (100, 4, 4), (1, 10, 1), (2, 2, 1.5), (3, 2, 1.75)],
)
def test_batch_becomes_an_object_for_each_contract_in_it(
    size: int, contracts: int, objects: float
) -> None:
    """Of two messages under two contracts, half of the time both are under the same."""
    assert objects_in_a_batch("batch", size, contracts) == pytest.approx(objects)


def test_contracts_change_nothing_in_layout_message() -> None:
    """There each message is an object anyway."""
    assert by_item("plain", "message", 10, 7) == by_item("plain", "message", 10)


def test_object_of_a_batch_is_its_messages_compressed() -> None:
    """100 messages of 1,000 bytes at a quarter."""
    assert object_bytes("batch", 100) == pytest.approx(25_000)
    assert object_bytes("message", 100) == pytest.approx(1_000)


def test_size_between_two_measured_ones_is_on_the_line_between() -> None:
    """A batch of 55 is half-way between 10 and 100."""
    measured = {"10": {"cpu_ms": 20.0}, "100": {"cpu_ms": 200.0}}

    assert of_size(measured, 55)["cpu_ms"] == pytest.approx(110)
    assert of_size(measured, 3)["cpu_ms"] == pytest.approx(20)
    with pytest.raises(ValueError, match="the largest is 100"):
        of_size(measured, 101)


def test_batch_is_what_reaches_one_of_five_pollers() -> None:
    """At ten per second and five seconds each poller has ten; never fewer than one."""
    assert arriving(10, 5) == 10
    assert arriving(1000, 5) == 100
    assert arriving(0.01, 5) == 1


def test_window_changes_batches_and_puts_alone() -> None:
    """Ten per second, one second: batches of two, half a million of each."""
    assert together(batches("batch", 10, 1)) == pytest.approx(500_000 * (0.20 + 5) / 1e6)


def test_every_route_was_measured() -> None:
    """A route without figures of its own would have to borrow them in silence."""
    assert {route.measured for route in ROUTES.values()} == set(MEASURED["validator"])
    assert set(MEASURED["uploader"]) == set(LAYOUTS)
    for measured in MEASURED["uploader"].values():
        assert [int(size) for size in measured] == list(BATCH_SIZES)
