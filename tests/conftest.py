"""The stack that tests run on: one of their own, the running one, or a deployed one.

It is made for the first test that asks for it, and all tests of one run share it.
"""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from operations.deployed import CLIENT, outputs, own_address
from operations.project import ROOT

COMMAND = [str(ROOT / ".venv-emulator" / "bin" / "python"), "-m", "local.stack"]

Stack = dict[str, str]

# A shell starts jobs in the background with SIGINT ignored; what they start cannot be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the stack; without one the tests start their own."""
    group = parser.getgroup("weir", "the stack of the end-to-end tests")
    group.addoption(
        "--stack-name", help="a deployed stack; WEIR_TOKEN and WEIR_CLIENT name its token"
    )
    group.addoption("--region", help="the region of --stack-name")
    group.addoption("--stack-file", type=Path, help="a running stack, such as .local/stack.json")


@pytest.fixture(scope="session")
def own_stack(request: pytest.FixtureRequest) -> Iterator["OwnStack | None"]:
    """Start a stack on free ports, in a folder of its own; none when an option names another."""
    if request.config.getoption("--stack-name") or request.config.getoption("--stack-file"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="weir-e2e-") as folder:
        own = OwnStack(Path(folder))
        own.run("up")
        try:
            yield own
        finally:
            own.run("down")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, own_stack: "OwnStack | None") -> Stack:
    """Return where everything is, in the words of `.local/stack.json`."""
    if own_stack:
        return own_stack.summary()
    if file := request.config.getoption("--stack-file"):
        summary: Stack = json.loads(file.read_text())
        return summary
    return deployed_stack(
        request.config.getoption("--stack-name"), request.config.getoption("--region")
    )


@pytest.fixture(scope="session")
def one_machine(stack: Stack) -> Stack:
    """Return the stack where it runs on one machine: what a test does there, none may do in AWS."""
    if "access_key_id" not in stack:
        pytest.skip("changes the stack: only for a stack on one machine")
    return stack


@pytest.fixture(scope="session")
def aws(stack: Stack) -> Callable[[str], Any]:
    """Return a maker of boto3 clients that look at the stack."""
    session: Any = boto3.Session(
        aws_access_key_id=stack.get("access_key_id"),
        aws_secret_access_key=stack.get("secret_access_key"),
        region_name=stack["region"],
    )
    return lambda service: session.client(service, endpoint_url=stack.get("endpoint_url"))


@dataclass(frozen=True)
class OwnStack:
    """A one-machine stack beside the one that `make up` may have started."""

    folder: Path

    def run(self, command: str, *parameters: str) -> str:
        """Run `make up` or `make down` for this stack; return what it printed."""
        finished = subprocess.run(
            [*COMMAND, command, *parameters],
            cwd=ROOT,
            env=os.environ | {"WEIR_FOLDER": str(self.folder), "WEIR_PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    @property
    def port(self) -> int | None:
        """Return the first of its ports."""
        return urlsplit(self.summary()["endpoint_url"]).port

    def summary(self) -> Stack:
        """Return where everything is."""
        content: Stack = json.loads((self.folder / "stack.json").read_text())
        return content


def deployed_stack(name: str, region: str | None) -> Stack:
    """Return where everything is in the stack *name* of the account that boto3 finds."""
    session = boto3.Session(region_name=region)
    found = outputs(session.client("cloudformation"), name)
    if (token := os.environ.get("WEIR_TOKEN")) is None:
        # What the pipeline's role may read, and no other.
        parameter = session.client("ssm").get_parameter(
            Name=f"{found['TokenParameterPath']}/{CLIENT}", WithDecryption=True
        )
        token = parameter["Parameter"]["Value"]
    return {
        "api_url": own_address(found),
        "client": os.environ.get("WEIR_CLIENT", CLIENT),
        "token": token,
        "bucket": found["MessageBucketName"],
        "queue_url": found["MessageQueueUrl"],
        "dead_letter_queue_url": found["DeadLetterQueueUrl"],
        "region": session.region_name,
        "stack_name": name,
    }
