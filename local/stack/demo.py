"""The demonstration: samples of `events/` posted, found in S3, and the network measured."""

import json
import shlex
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from operations.project import ROOT
from operations.stored import Stored, find

from . import api_page
from .deployment import save_logs
from .local_stack import REGION, LocalStack, StackError
from .parameters import as_told
from .progress import step

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SAMPLES = ROOT / "events" / "uploader" / "batch.json"
DEFAULT_CONTRACT = "email"
STORED_WITHIN_SECONDS = 30.0
PAUSE_SECONDS = 0.1
CAUSES = ("reason", "exception_name", "errorType", "error")
MOST_COMPLAINTS = 3


def demo(stack: LocalStack) -> None:
    """Show that the stack works; where it does not, leave what the functions said about it."""
    try:
        show(stack)
    except StackError as error:
        file = stack.logs / "functions.log"
        save_logs(file)
        said = [f"  {sentence}" for sentence in complaints(file.read_text().splitlines())]
        cause = "\n".join(["\nThe functions complain:", *said]) if said else ""
        raise StackError(f"{error}{cause}\nAll that they have logged is in {file}.") from error


def complaints(lines: Iterable[str]) -> list[str]:
    """Return what the log *lines* say of what went wrong: errors, then warnings, the newest first.

    A warning is mostly about a sender.
    """
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") in ("WARNING", "ERROR", "CRITICAL"):
            entries.append(entry)
    entries.sort(key=lambda one: (one["level"] != "WARNING", str(one.get("timestamp"))))
    found: dict[str, None] = {}
    for entry in reversed(entries):
        cause = [entry.get(key) for key in CAUSES]
        said = [str(entry.get("message", "")), *(str(each) for each in cause if each)]
        found[f"{entry.get('service', '?')}: {', '.join(said)}"] = None
    return list(found)[:MOST_COMPLAINTS]


def show(stack: LocalStack) -> None:
    """Post the samples, find them in S3, measure the network, and print all of it."""
    summary = stack.read_summary()
    url, token, bucket = summary["api_url"], summary["token"], summary["bucket"]
    posted = samples()
    with step("posting the samples of events/"):
        receipts = [post(url, token, sample) for sample in posted]
    with step("finding them in S3"):
        stored = [await_stored(boto3.client("s3"), bucket, receipt) for receipt in receipts]
    with step("measuring the network"):
        measured = fetch(f"{url}/metrics", token)

    print('\n$ eval "$(make -s env)"')
    for sample, receipt, (key, content) in zip(posted, receipts, stored, strict=True):
        print(f"$ {as_curl(url, sample)}")
        print(f"  {json.dumps(receipt)}")
        print(f"  s3://{bucket}/{key}")
        print(f"  {content}")
    print(f'$ curl -H "Authorization: Bearer $TOKEN" {url}/metrics')
    print(f"  latency_ms {measured['latency_ms']}, status {measured['status']}")
    print(f"\n{addresses(stack)}")


def addresses(stack: LocalStack) -> str:
    """Return where everything is, for a person."""
    summary = stack.read_summary()
    page = f"API page   {summary['api_url']}{api_page.PATH} (to browse and try)"
    return "\n".join(
        [
            f"API        {summary['api_url']}",
            *([page] if api_page.assets() else []),
            f"Dashboard  {summary['page_url']}",
            f"AWS APIs   {summary['endpoint_url']} (region {REGION}, keys in {stack.summary})",
            f"Logs       {stack.logs}",
            as_told(summary.get("parameters", {})),
        ]
    )


@dataclass(frozen=True)
class Sample:
    """One message of a contract, and the path that takes it."""

    contract: str
    data: dict[str, Any]

    @property
    def path(self) -> str:
        """Return where the message is posted."""
        return "/" if self.contract == DEFAULT_CONTRACT else f"/messages/{self.contract}"


def samples() -> list[Sample]:
    """Return the messages that validator and uploader share, one of each contract."""
    return [
        Sample(record["messageAttributes"]["contract"]["stringValue"], json.loads(record["body"]))
        for record in json.loads(SAMPLES.read_text())["Records"]
    ]


def as_curl(api_url: str, sample: Sample) -> str:
    """Return the command that posts *sample* as `post` does."""
    body = shlex.quote(json.dumps({"data": sample.data}))
    return f'curl -H "Authorization: Bearer $TOKEN" --json {body} {api_url}{sample.path}'


def post(api_url: str, token: str, sample: Sample) -> dict[str, Any]:
    """Post *sample* and return the receipt."""
    body = json.dumps({"data": sample.data}).encode()
    return fetch(api_url + sample.path, token, body)


def fetch(url: str, token: str, body: bytes | None = None) -> dict[str, Any]:
    """Return the JSON answer of *url*; an answer that is no success is an error."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 (an address of this stack)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            content: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise StackError(f"{request.get_method()} {url} answered {error.code}: {text}") from error
    except OSError as error:  # urllib's own errors are among them
        raise StackError(f"{url} cannot be reached: {error}") from error
    return content


def await_stored(s3: "S3Client", bucket: str, receipt: dict[str, Any]) -> Stored:
    """Wait until the message of *receipt* is stored; return where, and its text."""
    deadline = time.monotonic() + STORED_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if found := find(s3, bucket, receipt):
            return found
        time.sleep(PAUSE_SECONDS)
    raise StackError(
        f"Message {receipt['message_id']} was accepted, but is not in S3"
        f" {STORED_WITHIN_SECONDS:.0f} s later. Nothing is lost: it waits in the queue."
    )
