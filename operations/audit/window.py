"""The window of an audit: what is looked at, and what can no longer be."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

# A key stands for the same message for a day, so what is accepted today may bear yesterday's id.
KEY_LIFETIME = timedelta(hours=24)


class UnauditableError(Exception):
    """The window cannot be audited; the text says why, and what can be."""


class Window(NamedTuple):
    """From when on, and before when, requests were answered."""

    since: datetime
    until: datetime

    def days(self) -> list[str]:
        """Return the days, as in keys, in which a message of this window may be stored."""
        day, days = (self.since - KEY_LIFETIME).date(), []
        while day <= self.until.date():
            days.append(f"dt={day}")
            day += timedelta(days=1)
        return days

    def refuse_what_is_gone(self, now: datetime, log_days: int, message_days: int) -> None:
        """Raise UnauditableError where log lines or objects of this window were deleted."""
        if self.since >= self.until:
            raise UnauditableError(f"FROM {self.since} is not before TO {self.until}.")
        for days, what in (
            (log_days, "The validator's log is kept"),
            (message_days, "Messages are kept (ExpireAfterInDays)"),
        ):
            if days and self.since < now - timedelta(days=days):
                oldest = now - timedelta(days=days)
                raise UnauditableError(
                    f"{what} for {days} days, so nothing before {oldest:%Y-%m-%dT%H:%M} can be"
                    " audited; the window begins before."
                )


def moment(text: str, now: datetime) -> datetime:
    """Return an ISO 8601 time, UTC unless it says otherwise, or so long ago: 90m, 6h, 2d."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if text[-1:] in units and text[:-1].isdigit():
        return now - timedelta(**{units[text[-1]]: int(text[:-1])})
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
