"""What the functions ship is what uv.lock says."""

import runpy
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[3] / "functions"
PACKAGING = runpy.run_path(str(FUNCTIONS / "packaging" / "requirements.py"))


@pytest.mark.parametrize("function", ["validator", "uploader", "latency_probe"])
def test_requirements_are_those_of_the_lock_file(function: str) -> None:
    """What is tested must be what is deployed: `make requirements` writes them anew."""
    written = (FUNCTIONS / function / "requirements.txt").read_text()

    assert written == PACKAGING["export"](function)


def test_the_probe_ships_no_boto3_and_the_uploader_no_pydantic() -> None:
    """Each would cost init CPU in a function that calls neither."""
    probe = (FUNCTIONS / "latency_probe" / "requirements.txt").read_text()
    uploader = (FUNCTIONS / "uploader" / "requirements.txt").read_text()

    assert "boto" not in probe
    assert "pydantic" not in uploader
