"""Write each function's requirements.txt, pinned and hashed, from uv.lock."""

import subprocess
import sys
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[1]


def export(group: str) -> str:
    """Return the requirements of dependency *group*, as uv.lock has them."""
    command = [sys.executable, "-m", "uv", "export", "--frozen", "--quiet", "--only-group", group]
    return subprocess.run(  # noqa: S603
        command, cwd=FUNCTIONS, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


if __name__ == "__main__":
    for path in FUNCTIONS.glob("*/requirements.txt"):
        path.write_text(export(path.parent.name))
