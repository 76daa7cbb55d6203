"""Releases of the project that are deployed one after the other, to one stack of their own."""

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from local.stack.local_stack import Keys, LocalStack
from maintenance.copies import copy_project
from operations.project import ROOT, SAM

VERSION = re.compile(r"(Release: \{Version: )([0-9.]+)")
RELEASED = ("template.yaml", "functions")
# SQS keeps a message for at least a minute, so this cannot be made; and it is made last.
IMPOSSIBLE = """
  ImpossibleQueue:
    Type: AWS::SQS::Queue
    DependsOn: [ValidatorFunction, UploaderFunction, AuthorizerFunction, LatencyProbeFunction]
    Properties:
      MessageRetentionPeriod: 1

Outputs:
"""


@dataclass(frozen=True)
class Release:
    """What is deployed from the folder *source* to the stack that lives in *home*."""

    source: Path
    home: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run `make up` or `make down` of this release, with parameters of the template."""
        return subprocess.run(
            [ROOT / ".venv-emulator" / "bin" / "python", "-m", "local.stack", *command],
            cwd=self.source,
            env=os.environ | {"WEIR_FOLDER": str(self.home), "WEIR_PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def version(self) -> str:
        """Return what this release calls itself."""
        found = VERSION.search(self._template)
        assert found
        return found[2]

    def rename(self, version: str) -> None:
        """Let this release call itself *version*."""
        self._write(VERSION.sub(rf"\g<1>{version}", self._template))

    def spoil(self) -> None:
        """Let the deployment of this release fail when its functions are already there."""
        self._write(self._template.replace("\nOutputs:\n", IMPOSSIBLE))

    @property
    def _template(self) -> str:
        return (self.source / "template.yaml").read_text()

    def _write(self, template: str) -> None:
        assert template != self._template
        (self.source / "template.yaml").write_text(template)


def previous_release(source: Path, home: Path) -> Release:
    """Return the release before this one, made in *source*.

    That is what the last commit found that changed what is deployed. A clone without history has
    this release's content once more, under another version.
    """
    commits = git("rev-list", "--max-count=2", "HEAD", "--", *RELEASED).stdout.decode().split()
    release = release_of(commits[1] if len(commits) > 1 else None, source, home)
    release.rename("0.0.1")
    return release


def release_of(commit: str | None, source: Path, home: Path) -> Release:
    """Return what *commit* deploys (None: this tree), with this tree's one-machine stack."""
    copy_project(source)
    if commit:
        for name in RELEASED:
            path = source / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        content = git("archive", commit, *RELEASED).stdout
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(source, filter="data")
    return Release(source, home)


def git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Return what git prints in this project; nothing where there is no commit yet."""
    return subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True)


def sam_delete(home: Path) -> "subprocess.CompletedProcess[str]":
    """Run `sam delete` for the stack in *home*, with nothing but the emulator in reach."""
    summary = json.loads((home / "stack.json").read_text())
    port = int(summary["endpoint_url"].rpartition(":")[2])
    keys = Keys(summary["access_key_id"], summary["secret_access_key"])
    return subprocess.run(
        [
            *(*SAM, "delete", "--no-prompts"),
            *("--stack-name", summary["stack_name"], "--region", summary["region"]),
        ],
        cwd=home,
        env=LocalStack(home, port).sealed_environment(keys),
        capture_output=True,
        text=True,
        check=False,
    )
