"""`make load` in small: the load tool, the ledger and the verdict, on a stack that runs."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from operations.project import ROOT

PYTHON = ROOT / ".venv-load" / "bin" / "python"
PROFILE = """
messages = 240
users = 4
minutes = 2
most_refused = 100
settle_seconds = 60
most_waiting = 1_000
[[shapes]]
name = "one message"
path = "/messages/timestamped"
weight = 4
bytes = 100
[[shapes]]
name = "batch of 40"
path = "/messages/timestamped/batch"
items = 40
weight = 1
bytes = 100
"""


def test_load_run_ends_with_a_verdict(own_stack: Any, tmp_path: Path) -> None:
    """The command that a person trusts before a launch must itself be trusted."""
    if not PYTHON.exists():
        pytest.skip("needs the load tool: make .venv-load/.ready")
    if not own_stack:
        pytest.skip("needs a stack of its own")
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE)

    run = subprocess.run(
        [PYTHON, "-m", "operations.load", "--profile", profile],
        cwd=ROOT,
        env=os.environ | {"WEIR_FOLDER": str(own_stack.folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "accepted 240 = stored 240: nothing was lost" in run.stdout
