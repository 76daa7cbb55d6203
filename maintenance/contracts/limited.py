"""Runs a program of this package for some seconds of a CPU at most."""

import json
import resource
import subprocess
import sys
from typing import Any

from operations.project import ROOT

LIMIT_SECONDS = 5
# A busy machine may need far longer for the same work.
_PATIENCE_SECONDS = 60.0


def limit() -> None:
    """End this process once it has used its seconds."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_SECONDS, LIMIT_SECONDS))


def output(module: str, given: Any) -> str:
    """Return what *module*, which calls `limit`, has written when it ends or is ended.

    It reads *given* as JSON from its standard input.
    """
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"{__package__}.{module}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        try:
            return program.communicate(json.dumps(given), _PATIENCE_SECONDS)[0]
        except subprocess.TimeoutExpired:
            program.kill()
            return program.communicate()[0]
