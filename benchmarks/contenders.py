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
from typing import Any

from .packages import FOLDER, PYTHON, ROOT

HERE = Path(__file__).parent
MEMORY_MB = {"validator": 512, "uploader": 1769, "latency_probe": 256}  # as in the template


@dataclass(frozen=True)
class Contender:
    """One way to do a function's work: module *module* in package *package*."""

    name: str
    package: Path
    module: str
    style: str = "lambda"
    storage_layout: str = "message"

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


BOTO3 = Contender("boto3's one call alone", FOLDER / "boto3", "boto3_alone")
FLASK = Contender("Flask, gunicorn, boto3", FOLDER / "flask", "flask_app", "wsgi")
FLASK_ASKING = Contender("Flask, asking SSM each time", FOLDER / "flask", "flask_asking", "wsgi")


def environment(contender: Contender, port: int) -> dict[str, str]:
    """Return what the template would set, with AWS at *port*."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB.get(contender.package.name, 512)),
        "POWERTOOLS_SERVICE_NAME": "benchmark",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "MESSAGE_QUEUE_URL": f"http://127.0.0.1:{port}/123456789012/messages",
        "MESSAGE_BUCKET_NAME": "weir-messages",
        "TOKEN_PARAMETER_PATH": "/weir/dev/tokens",
        "DEFAULT_CONTRACT": "email",
        "STORAGE_LAYOUT": contender.storage_layout,
        "WEIR_VERSION": "0",
        "PROBE_TARGETS": f"127.0.0.1:{port}",
        "PROBE_METHOD": "tcp",
        "PROBE_SAMPLE_COUNT": "20",
        "PROBE_INTERVAL_SECONDS": "0.05",
        "PROBE_TIMEOUT_SECONDS": "0.9",
        "METRICS_CACHE_SECONDS": "5",
    }


@contextlib.contextmanager
def stub_aws() -> Iterator[int]:
    """Run the stand-in for AWS; yield its port."""
    command = [sys.executable, str(HERE / "stub_aws.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stub:
        assert stub.stdout
        try:
            yield int(stub.stdout.readline())
        finally:
            stub.terminate()


def call(
    contender: Contender, event: dict[str, Any], port: int, calls: int, status: int = 200
) -> dict[str, float]:
    """Call *contender* with *event* in a fresh process; return what one call costs."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        job = {
            "package": str(contender.package),
            "module": contender.module,
            "event": json.dumps(event),
            "calls": calls,
            "warm_up": max(1, calls // 10),
            "status": status,
            "result": str(result),
        }
        with (Path(folder) / "log").open("w") as log:
            subprocess.run(
                [PYTHON, "-I", "-B", str(HERE / "worker.py")],
                input=json.dumps(job),
                text=True,
                stdout=log,
                env=environment(contender, port),
                check=True,
            )
        measured: dict[str, float] = json.loads(result.read_text())
        return measured


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
