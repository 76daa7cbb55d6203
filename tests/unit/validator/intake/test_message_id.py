"""Message ids: they carry the time of receipt and follow from an idempotency key."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validator.intake.message_id import (
    derived_uuid7,
    is_message_id,
    received_at_of,
    time_ms_of,
    timestamp,
    uuid7,
)

MOMENTS = st.integers(min_value=0, max_value=253_402_300_799_999)


def test_agrees_with_the_example_of_rfc_9562() -> None:
    """Appendix A.6 of the RFC gives the fields of one UUIDv7."""
    rand_a, rand_b = 0xCC3, 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, rand_a << 62 | rand_b) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(MOMENTS, st.integers(min_value=0, max_value=(1 << 74) - 1))
def test_is_a_canonical_uuid_of_version_7(time_ms: int, random_bits: int) -> None:
    """Other systems parse the id, and the uploader takes the time from it."""
    made = uuid7(time_ms, random_bits)

    assert UUID(made).version == 7
    assert str(UUID(made)) == made
    assert time_ms_of(made) == time_ms
    assert is_message_id(made)


@given(st.sets(st.integers(min_value=0, max_value=(1 << 74) - 1), min_size=2, max_size=20))
def test_keeps_every_random_bit(random_bits: set[int]) -> None:
    """A lost bit would make two messages of one millisecond collide the sooner."""
    assert len({uuid7(0, bits) for bits in random_bits}) == len(random_bits)


def test_sorts_by_time() -> None:
    """Ids in order of receipt keep S3 listings in order."""
    assert uuid7(1_000, (1 << 74) - 1) < uuid7(1_001, 0)


def test_derives_the_same_id_again_and_another_for_anything_else() -> None:
    """One idempotency key means one id for each item and body, and no id for two."""
    seed = uuid7(1_700_000_000_000, 5)

    again = derived_uuid7(seed, 0, "digest")

    assert derived_uuid7(seed, 0, "digest") == again
    assert time_ms_of(again) == 1_700_000_000_000
    assert UUID(again).version == 7
    others = {derived_uuid7(seed, 1, "digest"), derived_uuid7(seed, 0, "other"), seed}
    assert again not in others
    assert len(others) == 3


def test_tells_the_time_of_receipt_to_the_millisecond() -> None:
    """Key, receipt and latency metrics all come from this time."""
    made = uuid7(1_768_472_830_123, 0)

    assert received_at_of(made) == datetime(2026, 1, 15, 10, 27, 10, 123_000, UTC)
    assert timestamp(received_at_of(made)) == "2026-01-15T10:27:10.123Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "batch",
        "019BC12B-C62B-7224-8417-F956AC7C599F",
        "{019bc12b-c62b-7224-8417-f956ac7c599f}",
        "019bc12b-c62b-4224-8417-f956ac7c599f",
        "019bc12b-c62b-7224-0417-f956ac7c599f",
        "019bc12bc62b72248417f956ac7c599f",
        "019bc12b-c62b-7224-8417-f956ac7c599f\n",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ],
    ids=repr,
)
def test_takes_nothing_else_for_a_message_id(text: str) -> None:
    """An id that Weir did not make names no object, and must not reach the clock or S3."""
    assert not is_message_id(text)
