"""Options and queries, against examples made by hand."""

import pytest

from operations.cost.extras import (
    backed_up,
    backups_kept,
    query,
    stored,
    stored_events,
    tracing,
)
from operations.cost.million import ROUTES
from operations.cost.prices import together


def test_small_objects_are_backed_up_as_128_kb() -> None:
    """A million objects of 1 kB are 122 GB to AWS Backup."""
    assert together(backups_kept("message", 100)) == pytest.approx(1e6 * 128 / 2**20 * 0.05)
    assert together(backups_kept("batch", 100)) == pytest.approx(1e4 * 128 / 2**20 * 0.05)


def test_backup_reads_each_object_and_hears_of_it() -> None:
    """A GET and an event for each."""
    assert together(backed_up("message", 10)) == pytest.approx(0.40 + 1.00)
    assert together(backed_up("batch", 10)) == pytest.approx(0.14)


def test_events_go_by_objects() -> None:
    """Layout batch announces a hundredth as many."""
    assert together(stored_events("message", 100)) == pytest.approx(1.00)
    assert together(stored_events("batch", 100)) == pytest.approx(0.01)
    assert together(stored_events("batch", 100, 2)) == pytest.approx(0.02)


def test_storage_goes_by_bytes() -> None:
    """A million messages of 1,000 bytes, and a quarter of that compressed."""
    assert together(stored("message", 1)) == pytest.approx(1e9 / 2**30 * 0.023)
    assert together(stored("batch", 100)) == pytest.approx(0.25e9 / 2**30 * 0.023)


@pytest.mark.parametrize(
    ("rate", "size", "traces"),
    [
        (1, 1, 1e6 + 1e6),
        (100, 100, 1e6 * (1 + 0.05 * 99) / 100 + 1e4),
        (1000, 100, 1e6 * (1 + 0.05 * 999) / 1000 + 1e4 * (1 + 0.05 * 9) / 10),
    ],
)
def test_one_call_per_second_is_traced_and_a_twentieth_of_the_rest(
    rate: float, size: int, traces: float
) -> None:
    """Of each function: validator calls and batches; at one per second all of them."""
    assert together(tracing(ROUTES["plain"], size, rate)) == pytest.approx(traces * 5 / 1e6)


def test_query_reads_every_object() -> None:
    """A GET each, a LIST for a thousand, and the bytes as they are stored."""
    message = 1e6 * 0.40 / 1e6 + 1000 * 5 / 1e6 + 0.001 * 5
    batch = 1e4 * 0.40 / 1e6 + 10 * 5 / 1e6 + 0.00025 * 5

    assert together(query("message", 1)) == pytest.approx(message)
    assert together(query("batch", 100)) == pytest.approx(batch)
