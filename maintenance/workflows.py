"""Runs the jobs of the GitHub workflows on this machine: their shell steps, in order.

    python -m maintenance.workflows [pull-request/build deploy/dev ...]

Each job runs in a copy of the project. A job with an environment, which would get credentials for
an AWS account, gets those of the stack that `make up` started. Actions, and steps that need GitHub
or a tool that is not here, are named and left out.
"""

import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from local.stack.deployment import ARCHITECTURE, prepare
from operations.deployed import STACK_FILE, read_stack
from operations.project import ROOT

from .copies import copy_project

Job = dict[str, Any]
BUILT = Path(".aws-sam") / "build" / "template.yaml"


def jobs() -> Iterator[tuple[str, Job]]:
    """Yield every job of every workflow, once for each entry of its matrix."""
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            matrix = job.get("strategy", {}).get("matrix", {})
            for values in itertools.product(*matrix.values()):
                yield (
                    f"{path.stem}/{name}",
                    job | {"matrix": dict(zip(matrix, values, strict=True))},
                )


def variables(job: Job, step: Job) -> dict[str, str]:
    """Return the environment that *job* and *step* name; what only GitHub knows is left empty."""
    named = {**job.get("env", {}), **step.get("env", {})}
    known = {f"matrix.{name}": value for name, value in job["matrix"].items()}
    return {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: known.get(match[1], ""), str(value))
        for name, value in named.items()
    }


def one_machine() -> dict[str, str]:
    """Return what leads a job with an environment to the stack on this machine instead."""
    stack = read_stack()
    return {
        "WEIR_FOLDER": str(STACK_FILE.parent.resolve()),
        "AWS_ACCESS_KEY_ID": stack["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack["secret_access_key"],
        "AWS_DEFAULT_REGION": stack["region"],
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "ARCHITECTURE": ARCHITECTURE,
        "STAGE": "local",
        "STACK_NAME": "",
        "DEPLOY_OPTIONS": f"--template-file {BUILT.with_name('one-machine.yaml')}",
    }


def hindrance(step: Job) -> str | None:
    """Return why *step* cannot run here; None if it can."""
    if "uses" in step:
        return f"an action: {step['uses'].split('@')[0]}"
    if "GH_TOKEN" in step.get("env", {}):
        return "needs GitHub"
    tool = step["run"].split()[0]
    return None if shutil.which(tool) else f"there is no {tool} here"


def run(job: Job, folder: Path, to_fail: str | None) -> bool:
    """Run the steps of *job* in *folder*, one of them *to_fail*; say whether all went well."""
    here = one_machine() if "environment" in job else {}
    failed = False
    for step in job["steps"]:
        if reason := hindrance(step):
            print(f"--- {step['name']}: left out, {reason}", flush=True)
        elif failed == ("failure()" in step.get("if", "")):
            print(f"--- {step['name']}: {step['run']}", flush=True)
            environment = os.environ | variables(job, step) | here
            command = "false" if step["name"] == to_fail else step["run"]
            shell = ["bash", "-eo", "pipefail", "-c", command]
            done = subprocess.run(shell, cwd=folder, env=environment, check=False)
            failed = failed or done.returncode != 0
            if here and (folder / BUILT).exists():
                prepare(folder / BUILT)  # without what the emulator refuses, as `make up` does
    return not failed


def main() -> None:
    """Run the jobs that the command line names, or all, and tell how each went."""
    parser = argparse.ArgumentParser(prog="workflows", description="Run workflows here.")
    parser.add_argument("jobs", nargs="*", help="such as deploy/dev; else all")
    parser.add_argument("--fail", help="a step that shall fail, to see what follows then")
    arguments = parser.parse_args()
    wanted = arguments.jobs
    results = []
    for name, job in jobs():
        if wanted and name not in wanted:
            continue
        title = " ".join([name, *job["matrix"].values()])
        print(f"=== {title}", flush=True)
        with tempfile.TemporaryDirectory(prefix="weir-job-") as folder:
            # An upgrade installs what it finds; it must not do so into this folder's environments.
            upgrades = any("make upgrade" in step.get("run", "") for step in job["steps"])
            copy_project(Path(folder), with_environments=not upgrades)
            results.append((title, run(job, Path(folder), arguments.fail)))
    for title, good in results:
        print(f"{'ok' if good else 'FAILED':<8}{title}")
    sys.exit(not all(good for _, good in results) or not results)


if __name__ == "__main__":
    main()
