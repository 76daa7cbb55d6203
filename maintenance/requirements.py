"""Each function's requirements.txt: pinned and hashed, from uv.lock."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from operations.project import FUNCTIONS, ROOT


def export(group: str) -> str:
    """Return the requirements of dependency *group*, as uv.lock has them."""
    command = [sys.executable, "-m", "uv", "export", "--frozen", "--quiet", "--only-group", group]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def files() -> Iterator[tuple[Path, str]]:
    """Yield the file of each function, and its text."""
    for function in FUNCTIONS:
        yield ROOT / "functions" / function / "requirements.txt", export(function)
