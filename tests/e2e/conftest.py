"""What the journeys do again and again: send, look into the bucket, wait."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

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
