"""`make doctor` on the one-machine stack: fine as it is, and planted obstacles are named."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from operations.project import ROOT

# The emulator has no plans, and the probe's targets there are no instances.
UNSEEN = {"plan"}


def doctor(stack: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Run the command as its user does; return its exit status, and what it says by check."""
    environment = {
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_ACCESS_KEY_ID": stack["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack["secret_access_key"],
        "AWS_DEFAULT_REGION": stack["region"],
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "operations.doctor", "--stage", "local"),
            *("--stack-name", stack["stack_name"]),
        ],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr.count("Traceback"), done.stderr
    lines = (line.partition(": ")[::2] for line in done.stdout.splitlines() if ": " in line)
    return done.returncode, dict(lines)


def to_do(said: dict[str, str]) -> set[str]:
    """Return the checks that found something to do."""
    return {check for check, rest in said.items() if rest.startswith("to do: ")}


@contextmanager
def without_clients(ssm: Any, path: str) -> Iterator[None]:
    """Take every client of the stack away, and bring them back."""
    found = ssm.get_parameters_by_path(Path=path, Recursive=True, WithDecryption=True)["Parameters"]
    ssm.delete_parameters(Names=[each["Name"] for each in found])
    try:
        yield
    finally:
        for each in found:
            ssm.put_parameter(Name=each["Name"], Value=each["Value"], Type="SecureString")


def test_planted_obstacles_are_named_and_nothing_else(
    one_machine: dict[str, str], aws: Callable[[str], Any]
) -> None:
    """A stack that serves is fine but for what the emulator cannot answer."""
    status, healthy = doctor(one_machine)

    with without_clients(aws("ssm"), one_machine["token_parameter_path"]):
        _, emptied = doctor(one_machine)

    assert {check for check, rest in healthy.items() if not rest.startswith("fine: ")} == UNSEEN
    assert status == 2
    assert to_do(emptied) == {"clients"}
