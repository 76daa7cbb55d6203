"""Fixtures of the validator's unit tests."""

import pytest

from tests.unit.validator.fakes import Clock, Warnings


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def warn() -> Warnings:
    """Return a log of warnings."""
    return Warnings()
