"""Deadlines: no AWS call is started that could outlast the function."""

import pytest
from validator.aws import CALL_SECONDS
from validator.deadline import Deadline

from tests.unit.validator.fakes import Clock


@pytest.mark.parametrize(("left", "allowed"), [(CALL_SECONDS, True), (CALL_SECONDS - 0.01, False)])
def test_allows_a_call_that_ends_in_time_at_its_slowest(
    clock: Clock, left: float, allowed: bool
) -> None:
    """A time-out of the function would be a 500."""
    deadline = Deadline(clock.now + 100, clock)

    clock.now += 100 - left

    assert deadline.allows_call() is allowed
