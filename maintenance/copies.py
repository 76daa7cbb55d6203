"""A copy of the project, as a checkout would give it, with this folder's environments on loan."""

import os
import shutil
import subprocess
from pathlib import Path

from operations.project import ROOT


def copy_project(folder: Path, *, with_environments: bool = True) -> None:
    """Copy to *folder* what git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for command in ("init", "add ."):
        subprocess.run(["git", *command.split()], cwd=folder, check=True, capture_output=True)
    if with_environments:
        for environment in ROOT.glob(".venv*"):
            (folder / environment.name).symlink_to(environment)
        # Backdate these files: make would rebuild the linked environments if the files were newer.
        for name in ("pyproject.toml", "uv.lock"):
            os.utime(folder / name, (0, 0))
