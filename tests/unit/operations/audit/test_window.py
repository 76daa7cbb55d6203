"""What can be audited, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from operations.audit.window import UnauditableError, Window, moment

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_a_window_looks_a_day_further_back_for_what_is_stored() -> None:
    """A retry under a key is accepted today and stored under the id of yesterday's first try."""
    window = Window(NOW - timedelta(hours=1), NOW)

    assert window.days() == ["dt=2026-01-14", "dt=2026-01-15"]


@pytest.mark.parametrize(
    "kept", [{"log_days": 7, "message_days": 0}, {"log_days": 0, "message_days": 7}]
)
def test_a_window_of_which_something_was_deleted_is_refused(kept: dict[str, int]) -> None:
    """Every message of it would count as missing, or none could be."""
    Window(NOW - timedelta(days=6), NOW).refuse_what_is_gone(NOW, **kept)

    with pytest.raises(UnauditableError, match="7 days"):
        Window(NOW - timedelta(days=8), NOW).refuse_what_is_gone(NOW, **kept)


def test_what_is_kept_for_ever_can_be_audited_for_ever() -> None:
    """No retention is no end."""
    Window(NOW - timedelta(days=4000), NOW).refuse_what_is_gone(NOW, 0, 0)


def test_an_empty_window_is_refused() -> None:
    """FROM and TO the wrong way round would find nothing wrong."""
    with pytest.raises(UnauditableError, match="not before"):
        Window(NOW, NOW).refuse_what_is_gone(NOW, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("2d", NOW - timedelta(days=2)),
        ("2026-01-15T10:00", datetime(2026, 1, 15, 10, tzinfo=UTC)),
        ("2026-01-15T10:00+02:00", datetime(2026, 1, 15, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_given_as_a_person_would(text: str, expected: datetime) -> None:
    """Ago, or by the clock in UTC."""
    assert moment(text, NOW) == expected
