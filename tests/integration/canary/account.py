"""A stand-in for an account at the network's edge: what a check before traffic meets there."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from operations.project import ROOT
from tests.support.edge import EdgeConnection, serving

TOPIC = "arn:aws:sns:eu-central-1:123456789012:weir-alarms"
# What Lambda's runtime does with a handler: import it, call it, and tell an error by its type.
RUNTIME = """
import importlib, json, sys, time
from types import SimpleNamespace
module, name, event, answer = sys.argv[1:]
end = time.monotonic() + 30
context = SimpleNamespace(
    aws_request_id="0c83f57c-786a-4b4a-b9ef-ab23731c7ebc", function_name=module,
    memory_limit_in_mb=512, invoked_function_arn=module,
    get_remaining_time_in_millis=lambda: int((end - time.monotonic()) * 1000),
)
try:
    handler = getattr(importlib.import_module(module), name)
    found = handler(json.loads(event), context)
except ImportError as error:
    found = {"errorMessage": f"Unable to import module '{module}': {error}"}
    found["errorType"] = "Runtime.ImportModuleError"
except Exception as error:
    found = {"errorMessage": str(error), "errorType": type(error).__name__}
with open(answer, "w") as file:
    json.dump(found, file)
"""

type Replaced = Mapping[str, tuple[str, str]]


class Version:
    """A version of a function: a copy of its package, some of whose texts are *replaced*."""

    def __init__(
        self, folder: Path, service: str, environment: Mapping[str, str], replaced: Replaced
    ) -> None:
        self._folder = folder
        self._module = f"{service}.handler"
        self._environment = dict(environment)
        source = ROOT / "functions" / service / service
        for path in source.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = str(path.relative_to(source))
                text = path.read_text()
                before, after = replaced.get(name, ("", ""))
                assert before in text, f"{name} has no {before!r} to replace"
                copy = folder / service / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(text.replace(before, after, 1) if before else text)

    def invoke(self, event: str) -> Any:
        """Return what the handler returns, or the error as Lambda tells it."""
        answer = self._folder / "answer.json"
        subprocess.run(
            [sys.executable, "-c", RUNTIME, self._module, "lambda_handler", event, answer],
            cwd=self._folder,
            env={**self._environment, "PYTHONPATH": str(self._folder)},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return json.loads(answer.read_text())


class Account:
    """Buckets, one queue, one token, versions by ARN, and what CodeDeploy and the topic were told.

    What is in the queue is stored by the version *live* as soon as somebody looks into a bucket.
    """

    def __init__(self) -> None:
        self.url = ""
        self.objects: dict[tuple[str, str], datetime] = {}
        self.queue: list[dict[str, Any]] = []
        self.parameters: dict[str, str] = {}
        self.versions: dict[str, Version] = {}
        self.live: Version | None = None
        self.statuses: list[dict[str, str]] = []
        self.notices: list[str] = []
        self.denied: set[str] = set()

    def __enter__(self) -> "Account":
        self._serving = serving(type("Connection", (Connection,), {"account": self}))
        self.url = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.__exit__(None, None, None)

    def deliver(self) -> None:
        """Hand what is queued to the uploader that has the traffic."""
        entries, self.queue[:] = list(self.queue), []
        if entries and self.live:
            self.live.invoke(json.dumps({"Records": [as_record(entry) for entry in entries]}))


def as_record(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of SendMessageBatch as Lambda hands it over."""
    return {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "handle",
        "body": entry["MessageBody"],
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1768472430164"},
        "messageAttributes": {
            name: {"stringValue": attribute["StringValue"], "dataType": "String"}
            for name, attribute in entry["MessageAttributes"].items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:messages",
        "awsRegion": "eu-central-1",
    }


class Connection(EdgeConnection):
    """One connection to the account."""

    account: Account

    def do_POST(self) -> None:
        """Serve Lambda, SNS and the JSON APIs."""
        body = self.body()
        if self.path.startswith("/2015-03-31/functions/"):
            self._invoke(unquote(self.path.split("/")[3]), body.decode())
        elif "X-Amz-Target" not in self.headers:
            [text] = parse_qs(body.decode())["Message"]
            self.account.notices.append(text)
            self.answer(200, b"<PublishResponse><PublishResult/></PublishResponse>")
        else:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            calls: dict[str, Callable[[Any], None]] = {
                "PutLifecycleEventHookExecutionStatus": self._status,
                "SendMessageBatch": self._send,
                "GetParametersByPath": self._parameters,
                "GetParameter": self._parameter,
            }
            calls[operation](json.loads(body))

    def do_PUT(self) -> None:
        """Store an object, once."""
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        self.body()
        if "s3:PutObject" in self.account.denied:
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif (bucket, key) in self.account.objects:
            self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
        else:
            self.account.objects[bucket, key] = datetime.now(UTC)
            self.answer(200, b"")

    def do_GET(self) -> None:
        """List a bucket."""
        if "s3:ListBucket" in self.account.denied:
            self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
            return
        self.account.deliver()
        address = urlsplit(self.path)
        [prefix] = parse_qs(address.query)["prefix"]
        contents = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{moment:%Y-%m-%dT%H:%M:%S}Z</LastModified>"
            "<Size>1</Size></Contents>"
            for (bucket, key), moment in self.account.objects.items()
            if bucket == address.path.strip("/") and key.startswith(prefix)
        )
        self.answer(200, f"<ListBucketResult>{contents}</ListBucketResult>".encode())

    def _invoke(self, arn: str, event: str) -> None:
        found = self.account.versions[arn].invoke(event)
        body = json.dumps(found).encode()
        self.send_response(200)
        if isinstance(found, dict) and "errorMessage" in found:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _status(self, request: Any) -> None:
        self.account.statuses.append(request)
        self.answer(200, b"{}")

    def _send(self, request: Any) -> None:
        self.account.queue += request["Entries"]
        sent = [{"Id": entry["Id"], "MessageId": "x"} for entry in request["Entries"]]
        self.answer(200, json.dumps({"Successful": sent, "Failed": []}).encode())

    def _parameters(self, request: Any) -> None:
        found = [
            {"Name": name, "Value": value}
            for name, value in self.account.parameters.items()
            if name.startswith(request["Path"])
        ]
        self.answer(200, json.dumps({"Parameters": found}).encode())

    def _parameter(self, request: Any) -> None:
        if value := self.account.parameters.get(request["Name"]):
            found = {"Parameter": {"Name": request["Name"], "Value": value}}
            self.answer(200, json.dumps(found).encode())
        else:
            self.answer(400, b'{"__type": "ParameterNotFound"}')
