"""The time that a request has left."""

from collections.abc import Callable
from dataclasses import dataclass

from .aws import CALL_SECONDS


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which a request must be answered, in seconds of *clock*."""

    ends_at: float
    clock: Callable[[], float]

    def seconds_left(self) -> float:
        """Return the time until the deadline."""
        return max(0.0, self.ends_at - self.clock())

    def allows_call(self) -> bool:
        """Return whether an AWS call that starts now ends in time, however slow it is."""
        return self.clock() + CALL_SECONDS <= self.ends_at
