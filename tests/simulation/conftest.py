"""The code under test, loaded once."""

import pytest

from .run import load
from .world import Code


@pytest.fixture(scope="session")
def loaded() -> tuple[Code, str]:
    """Return this checkout's code and the previous release's, or why that is not there."""
    return load()
