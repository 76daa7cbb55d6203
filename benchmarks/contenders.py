"""Who is compared: packages, how they are called and the world that they are called in."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import botocore

from operations.cost.prices import MEMORY_MB
from operations.project import ROOT

from . import openssl
from .packages import FOLDER, PYTHON

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Contender:
    """One way to do a function's work: module *module* in package *package*."""

    name: str
    package: Path
    module: str
    style: str = "lambda"
    storage_layout: str = "message"
    memory_mb: int = 0

    @property
    def is_weir(self) -> bool:
        """Whether it is this repository's code, which the template gives its environment."""
        return self.module.partition(".")[2] in ("handler", "authorizer")

    def with_memory(self, memory_mb: int) -> "Contender":
        """Return the same with *memory_mb* instead of the template's."""
        return replace(self, memory_mb=memory_mb)

    def in_layout(self, layout: str) -> "Contender":
        """Return the same, storing in *layout*."""
        return replace(self, name=f"{self.name}, {layout} layout", storage_layout=layout)


def weir(function: str) -> Contender:
    """Return *function* as it is deployed."""
    return Contender("Weir", FOLDER / "weir" / function, f"{function}.handler")


def stock(function: str) -> Contender:
    """Return the same code as SAM's stock builder packs it."""
    return Contender("stock builder", FOLDER / "stock" / function, f"{function}.handler")


def usual(function: str) -> Contender:
    """Return the same work done the usual way, packed by SAM's stock builder."""
    return Contender("usual stack", FOLDER / "usual" / function, function)


def before(function: str) -> Contender:
    """Return *function* as it was at `packages.BEFORE`, with today's dependencies."""
    return Contender("45bb2b1", FOLDER / "before" / function, f"{function}.handler")


BOTO3 = Contender("boto3's one call alone", FOLDER / "boto3", "boto3_alone")
FLASK = Contender("Flask, gunicorn, boto3", FOLDER / "flask", "flask_app", "wsgi")
FLASK_ASKING = Contender("Flask, asking SSM each time", FOLDER / "flask", "flask_asking", "wsgi")


@dataclass(frozen=True)
class StubAws:
    """The stand-in for AWS: where it listens, and the certificates that make a caller trust it."""

    port: int
    bundle: Path
    process: subprocess.Popen[str]

    def close_connections(self) -> None:
        """Close all connections, as AWS closes idle ones."""
        assert self.process.stdin
        assert self.process.stdout
        print(file=self.process.stdin, flush=True)
        self.process.stdout.readline()


def environment(contender: Contender, stub: StubAws) -> dict[str, str]:
    """Return what the template would set, with *stub* for AWS."""
    memory_mb = contender.memory_mb or MEMORY_MB.get(contender.package.name, 512)
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{stub.port}",
        "AWS_CA_BUNDLE": str(stub.bundle),
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "POWERTOOLS_SERVICE_NAME": "benchmark",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "MESSAGE_QUEUE_URL": f"https://127.0.0.1:{stub.port}/123456789012/messages",
        "MESSAGE_BUCKET_NAME": "weir-messages",
        "IDEMPOTENCY_KEY_BUCKET_NAME": "weir-keys",
        "KEYS_ALSO_IN_MESSAGE_BUCKET": "true",
        "TOKEN_PARAMETER_PATH": "/weir/dev/tokens",
        "DEFAULT_CONTRACT": "email",
        "STORAGE_LAYOUT": contender.storage_layout,
        "STAGE": "bench",
        "WEIR_VERSION": "0",
        "PROBE_TARGETS": f"127.0.0.1:{stub.port}",
        "PROBE_METHOD": "tcp",
        "PROBE_SAMPLE_COUNT": "20",
        "PROBE_INTERVAL_SECONDS": "0.05",
        "PROBE_TIMEOUT_SECONDS": "0.9",
        "METRICS_CACHE_SECONDS": "5",
        **({"PYDANTIC_DISABLE_PLUGINS": "__all__"} if contender.is_weir else {}),
        **openssl.environment(),
    }


@contextlib.contextmanager
def stub_aws(put_seconds: float = 0.0, send_seconds: float = 0.0) -> Iterator[StubAws]:
    """Run the stand-in for AWS, which takes so long for each PUT to S3 and each send to SQS."""
    pipe = subprocess.PIPE
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / "stub_aws.py"), folder]
        command += [str(put_seconds), str(send_seconds)]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdout
            try:
                port = int(process.stdout.readline())
                # As many certificates as boto3 always loads, and the stand-in's own.
                bundle = Path(folder) / "bundle.pem"
                authority = (Path(folder) / "authority.pem").read_text()
                usual_bundle = Path(botocore.__file__).with_name("cacert.pem").read_text()
                bundle.write_text(usual_bundle + authority)
                yield StubAws(port, bundle, process)
            finally:
                process.terminate()


class Worker:
    """A contender in a process of its own, whose handler is called directly and in turns."""

    def __init__(
        self, contender: Contender, event: dict[str, Any], stub: StubAws, calls: int, status: int
    ) -> None:
        reading, writing = os.pipe()
        job = {
            "package": str(contender.package),
            "module": contender.module,
            "event": json.dumps(event),
            "calls": calls,
            "status": status,
            "results": writing,
        }
        self._log: IO[str] = tempfile.TemporaryFile("w")  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            [PYTHON, "-I", "-B", "-W", "ignore", str(HERE / "worker.py")],
            env=environment(contender, stub),
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=self._log,
            text=True,
        )
        os.close(writing)
        self._results = os.fdopen(reading)
        self.pid = self._process.pid
        self._say(json.dumps(job))
        self._results.readline()  # it has imported the handler and called it once

    def turn(self) -> dict[str, float]:
        """Make the calls; return what one call costs."""
        self._say("")
        measured: dict[str, float] = json.loads(self._results.readline())
        return measured

    def _say(self, line: str) -> None:
        assert self._process.stdin
        print(line, file=self._process.stdin, flush=True)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
        self._results.close()
        self._log.close()


def call(
    contender: Contender, event: dict[str, Any], stub: StubAws, calls: int, status: int = 200
) -> dict[str, float]:
    """Call *contender* with *event* in a fresh process; return what one call costs, warm."""
    with contextlib.closing(Worker(contender, event, stub, calls, status)) as worker:
        return worker.turn()


def email(size: int = 1000) -> dict[str, str]:
    """Return a message that is *size* bytes of JSON."""
    message = {
        "email_subject": "Happy new year!",
        "email_sender": "John doe",
        "email_timestream": "1693561101",
        "email_content": "",
    }
    return message | {"email_content": "x" * (size - len(json.dumps(message)))}


def post(data: Any, path: str = "/messages/email") -> dict[str, Any]:
    """Return the recorded request of events/, sending *data* to *path*."""
    event: dict[str, Any] = json.loads((ROOT / "events/validator/post_email.json").read_text())
    route = "POST /messages/{contract}" + path.removeprefix("/messages/email")
    event["requestContext"] |= {"routeKey": route}
    event["requestContext"]["http"] |= {"path": path}
    body = json.dumps({"data": data})
    event["headers"]["content-length"] = str(len(body))
    return event | {"routeKey": route, "rawPath": path, "body": body}


def batch(size: int) -> dict[str, Any]:
    """Return the recorded SQS event of events/, with *size* messages of 1 kB."""
    event: dict[str, Any] = json.loads((ROOT / "events/uploader/single.json").read_text())
    record = event["Records"][0]
    attributes = record["messageAttributes"]
    del attributes["layout"]  # the contender's StorageLayout decides
    first_id = attributes["message_id"]["stringValue"]
    records = []
    for number in range(size):
        message_id = {"stringValue": f"{first_id[:-6]}{number:06x}", "dataType": "String"}
        changed = {
            "messageId": f"{record['messageId'][:-6]}{number:06x}",
            "body": json.dumps(email()),
            "messageAttributes": attributes | {"message_id": message_id},
        }
        records.append(record | changed)
    return {"Records": records}
