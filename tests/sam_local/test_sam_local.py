"""`sam local` for real: each function in Lambda's container, on every sample of `events/`."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from local.stack.deployment import ARCHITECTURE
from operations.project import ROOT
from tests.support.events import EVENTS
from tests.support.template import FUNCTIONS

IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
LOGICAL_IDS = {service: logical_id for logical_id, service in FUNCTIONS.items()}
# The uploader's samples first: one of the validator's asks for what they store.
SAMPLES = sorted(EVENTS.glob("*/*.json"), key=lambda path: (path.parent.name != "uploader", path))
TOKEN = "example-token-of-acme"
ACCEPTED = {"post_batch": 207}  # one item of it breaks its contract
PATIENCE_SECONDS = 120

Invoke = Callable[[str, dict[str, Any]], Any]
SamLocal = Callable[..., contextlib.AbstractContextManager[int]]


def run_command(*arguments: str) -> str:
    """Return what a command prints, or why it failed."""
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"there is no {arguments[0]} here")
    if done.returncode:
        pytest.skip(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


@pytest.fixture(scope="session")
def docker() -> None:
    """Skip, and say why, where no engine runs or the runtime's image is not there.

    For the session, so that it comes before the stack that would be started for nothing.
    """
    run_command("docker", "version")
    run_command("docker", "image", "inspect", IMAGE)


@pytest.fixture(scope="module")
def environment(docker: None, own_stack: Any) -> dict[str, str]:
    """Return the environment that leads to a stack of the tests' own, with the samples' token."""
    if not own_stack:
        pytest.skip("needs a stack of its own")
    stack = own_stack.summary()
    session: Any = boto3.Session(
        stack["access_key_id"], stack["secret_access_key"], region_name=stack["region"]
    )
    session.client("ssm", endpoint_url=stack["endpoint_url"]).put_parameter(
        Name="/weir/local/tokens/acme", Value=TOKEN, Type="SecureString", Overwrite=True
    )
    return os.environ | {"WEIR_FOLDER": str(own_stack.folder), "WEIR_PORT": str(own_stack.port)}


@pytest.fixture(scope="module")
def sam_local(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> SamLocal:
    """Return a function that starts a server of `sam local` and gives its port."""

    @contextlib.contextmanager
    def serve(command: str) -> Iterator[int]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        arguments = ["--port", str(port), "--skip-pull-image", "--warm-containers", "LAZY"]
        log = tmp_path_factory.mktemp("logs") / f"{command}.txt"
        with log.open("w") as output:
            server = subprocess.Popen(
                [sys.executable, "-m", "local.sam_local", command, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
            try:
                await_port(port, server, log)
                yield port
            finally:
                server.terminate()
                server.wait(PATIENCE_SECONDS)

    return serve


def await_port(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until *server* listens on *port*."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail(log.read_text())


@pytest.fixture(scope="module")
def invoke(sam_local: SamLocal) -> Iterator[Invoke]:
    """Return a function that runs one of the functions in its container on an event."""
    with sam_local("start-lambda") as port:
        client = boto3.client(
            "lambda",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="eu-central-1",
            config=Config(
                signature_version=UNSIGNED,
                read_timeout=PATIENCE_SECONDS,
                retries={"mode": "standard"},
            ),
        )

        def ask(function: str, event: dict[str, Any]) -> Any:
            answer = client.invoke(FunctionName=function, Payload=json.dumps(event))
            return json.loads(answer["Payload"].read())

        yield ask


def expectation(sample: Path) -> dict[str, Any]:
    """Return the part of the answer to *sample* that its name promises."""
    match sample.parent.name, sample.stem:
        case "authorizer", name:
            return {"isAuthorized": name == "known_token"}
        case "uploader", _:
            return {"batchItemFailures": []}
        case "latency_probe", "schedule":
            return {"status": "ok"}
        case "validator", name if name.startswith("refused_"):
            return {"type": f"urn:weir:problem:{name.removeprefix('refused_').replace('_', '-')}"}
        case "validator", name if name.startswith("post_"):
            return {"statusCode": ACCEPTED.get(name, 202)}
        case (("validator" | "latency_probe"), _):
            return {"statusCode": 200}
    raise AssertionError(f"no expectation for {sample}")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_function_answers_each_sample_in_its_container(sample: Path, invoke: Invoke) -> None:
    """What works in this process may miss a library, a file or a permission in Lambda's."""
    answer = invoke(LOGICAL_IDS[sample.parent.name], json.loads(sample.read_text()))

    seen = answer
    if sample.stem.startswith("refused_"):
        seen = json.loads(answer["body"])
    expected = expectation(sample)
    assert {name: seen.get(name) for name in expected} == expected, answer


def test_invoke_prints_the_answer(environment: dict[str, str]) -> None:
    """The documented command, as a person types it."""
    event = EVENTS / "validator" / "get_health.json"
    arguments = ["ValidatorFunction", "--event", str(event), "--skip-pull-image"]

    done = subprocess.run(
        [sys.executable, "-m", "local.sam_local", "invoke", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statusCode"] == 200


def test_start_api_takes_a_message(sam_local: SamLocal) -> None:
    """The API of `sam local` leads to the same functions and the same queue."""
    body = json.dumps(
        {"token": TOKEN, "data": {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}}
    )

    with sam_local("start-api") as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/messages/timestamped", body, headers)
        answer = connection.getresponse()
        receipt = json.loads(answer.read())

    assert (answer.status, receipt.get("status")) == (202, "queued"), receipt
