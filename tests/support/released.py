"""Weir 0.1.0 out of git, to run beside this release."""

import io
import subprocess
import tarfile
from pathlib import Path

from operations.project import ROOT

COMMIT = "3f1dcf2"


class HistoryMissingError(Exception):
    """0.1.0 is not in this checkout's history, such as in a shallow clone."""


def extract(folder: Path, *places: str) -> None:
    """Put *places* of 0.1.0 into *folder*; raise HistoryMissingError without its history."""
    taken = subprocess.run(
        ["git", "archive", COMMIT, *places], cwd=ROOT, capture_output=True, check=False
    )
    if taken.returncode:
        raise HistoryMissingError(
            f"commit {COMMIT} is not in this checkout (a shallow clone?), so 0.1.0 cannot run"
            " beside this release; `git fetch --unshallow` brings it"
        )
    with tarfile.open(fileobj=io.BytesIO(taken.stdout)) as archive:
        archive.extractall(folder, filter="data")
