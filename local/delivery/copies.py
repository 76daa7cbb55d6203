"""A copy of the project, as a checkout would give it, with this folder's environments on loan."""

import shutil
import subprocess
from pathlib import Path

from .stages import ROOT


def copy_project(folder: Path, *, with_environments: bool = True) -> None:
    """Copy to *folder* what git knows or would add; times are kept, so that make sees no change."""
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
            shutil.copy2(ROOT / name, folder / name)
    if with_environments:
        for environment in ROOT.glob(".venv*"):
            (folder / environment.name).symlink_to(environment)
