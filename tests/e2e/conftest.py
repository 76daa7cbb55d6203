"""The stack that the journeys run on: one of their own, the running one, or a deployed one."""

import http.client
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [str(ROOT / ".venv-emulator" / "bin" / "python"), "-m", "local.stack"]
POLL_SECONDS = 0.25

Stack = dict[str, str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the stack; without one the tests start their own."""
    group = parser.getgroup("weir", "the stack of the end-to-end tests")
    group.addoption("--stack-name", help="a deployed stack; its token comes from WEIR_TOKEN")
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


@pytest.fixture(scope="session")
def call(stack: Stack) -> "Callable[..., Answer]":
    """Return a function that sends one request to the API."""

    def send(method: str, path: str, data: object = None, token: str | None = None) -> Answer:
        address = urlsplit(stack["api_url"])
        connect = (
            http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        )
        connection = connect(address.netloc, timeout=60)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = None
        if data is not None:
            body, headers["Content-Type"] = json.dumps(data), "application/json"
        connection.request(method, address.path + path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())

    return send


@pytest.fixture(scope="session")
def stored(stack: Stack, aws: Callable[[str], Any]) -> Callable[[str, str], list[str]]:
    """Return a function that gives the contents of the objects that hold one message."""
    s3 = aws("s3")

    def contents(contract: str, message_id: str) -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=stack["bucket"], Prefix=f"messages/contract={contract}/"
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return [
            s3.get_object(Bucket=stack["bucket"], Key=key)["Body"].read().decode()
            for key in keys
            if message_id in key
        ]

    return contents


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """Return a function that asks again until the answer is true, or the time is over."""

    def ask[Found](question: Callable[[], Found], within_seconds: float) -> Found:
        deadline = time.monotonic() + within_seconds
        while not (answer := question()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return answer

    return ask


@dataclass(frozen=True)
class Answer:
    """What the API answered to one request."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON value."""
        return json.loads(self.body)


@dataclass(frozen=True)
class OwnStack:
    """A one-machine stack beside the one that `make up` may have started."""

    folder: Path

    def run(self, command: str) -> str:
        """Run `make up` or `make down` for this stack; return what it printed."""
        finished = subprocess.run(
            [*COMMAND, command],
            cwd=ROOT,
            env=os.environ | {"WEIR_FOLDER": str(self.folder), "WEIR_PORT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def summary(self) -> Stack:
        """Return where everything is."""
        content: Stack = json.loads((self.folder / "stack.json").read_text())
        return content


def deployed_stack(name: str, region: str | None) -> Stack:
    """Return where everything is in the stack *name* of the account that boto3 finds."""
    session = boto3.Session(region_name=region)
    stack = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return {
        "api_url": outputs["ApiUrl"],
        "client": os.environ["WEIR_CLIENT"],
        "token": os.environ["WEIR_TOKEN"],
        "bucket": outputs["MessageBucketName"],
        "queue_url": outputs["MessageQueueUrl"],
        "dead_letter_queue_url": outputs["DeadLetterQueueUrl"],
        "region": session.region_name,
        "stack_name": name,
    }
