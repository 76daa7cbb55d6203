"""A shell is led to the stack, and back."""

import subprocess
import sys

import boto3

from operations.deployed import Deployed
from operations.env import lines
from operations.project import ROOT

LEADING_ELSEWHERE = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "mine", "AWS_REGION": "us-east-1"}


def deployed(endpoint_url: str | None) -> Deployed:
    """Return a stack whose token would break a careless shell."""
    return Deployed(
        api_url="http://127.0.0.1:4567",
        token="a'b $HOME",
        bucket="bucket",
        queue_url="queue",
        dead_letter_queue_url="dead",
        stack_name="weir-local",
        token_parameter_path="/weir/local/tokens",
        session=boto3.Session("key", "secret", region_name="eu-central-1"),
        endpoint_url=endpoint_url,
    )


def shell(script: str) -> list[str]:
    """Return what a shell prints that came with settings of its own."""
    run = subprocess.run(
        ["sh", "-euc", script],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **LEADING_ELSEWHERE},
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout.splitlines()


def test_shell_speaks_to_the_stack_and_to_nothing_else() -> None:
    """A profile or session of the user's would be mixed with the emulator's keys."""
    script = "\n".join(lines(deployed("http://127.0.0.1:4566")))

    shown = shell(f'{script}\necho "$TOKEN"\nenv | grep ^AWS_ | sort')

    assert shown == [
        "a'b $HOME",
        "AWS_ACCESS_KEY_ID=key",
        "AWS_DEFAULT_REGION=eu-central-1",
        "AWS_ENDPOINT_URL=http://127.0.0.1:4566",
        "AWS_SECRET_ACCESS_KEY=secret",
    ]


def test_way_to_a_deployed_stack_keeps_the_users_own() -> None:
    """There the user's profile is what leads to the account."""
    script = "\n".join(lines(deployed(None)))

    assert "AWS_PROFILE=mine" in shell(f"{script}\nenv")


def test_way_back_leaves_nothing() -> None:
    """What is deployed next from that shell must not go to the emulator."""
    back = subprocess.run(
        [sys.executable, "-m", "operations.env", "--unset"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    script = "\n".join(lines(deployed("http://127.0.0.1:4566")))

    assert shell(
        f"before=$(env | sort)\n{script}\n{back}\nenv | grep -c -e AWS_ -e TOKEN || true"
    ) == ["0"]
