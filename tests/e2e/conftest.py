"""What the journeys do again and again: send, look into the bucket, wait."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from operations.stored import keys, lines, read

POLL_SECONDS = 0.25

Stack = dict[str, str]


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
    """Return a function that gives what is stored of one message, in either layout."""
    s3 = aws("s3")

    def contents(contract: str, message_id: str) -> list[str]:
        own = keys(s3, stack["bucket"], f"messages/contract={contract}/")
        found = [read(s3, stack["bucket"], key).decode() for key in own if message_id in key]
        for key in keys(s3, stack["bucket"], "batches/"):
            for line in lines(s3, stack["bucket"], key):
                envelope, _, message = line.removesuffix("}").partition(', "message": ')
                if f'"message_id": "{message_id}"' in envelope:
                    found.append(message)
        return found

    return contents


@pytest.fixture(scope="session")
def receipts(stack: Stack) -> None:
    """Skip a test where a receipt cannot be looked up."""
    parameters: Any = stack.get("parameters") or {}
    if parameters.get("StorageLayout") == "batch":
        pytest.skip("in layout batch no key follows from a receipt")


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
