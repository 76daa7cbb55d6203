"""Fixtures of the validator's unit tests."""

import pytest
from hypothesis import HealthCheck, settings

from tests.unit.validator.fakes import Clock, Warnings

# A busy machine may take long for one example; these tests hold what comes out, not how soon.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def warn() -> Warnings:
    """Return a log of warnings."""
    return Warnings()
