"""A sender that never stops, and the count of what became of its messages."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.2
MOST_MESSAGES = 2_000  # should a test hang


class Traffic:
    """Posts messages, one after the other, for as long as the context lasts.

    Every second message has an Idempotency-Key that begins with *keyed*, if that is given, and is
    sent twice.
    """

    def __init__(self, stack: Mapping[str, str], keyed: str = "") -> None:
        self.accepted: list[str] = []
        self.refused: list[dict[str, Any]] = []
        self.ids_of_keys: dict[str, set[str]] = {}
        self._keyed = keyed
        self._address = urlsplit(stack["api_url"]).netloc
        self._token = stack["token"]
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._send_on)

    def __enter__(self) -> Self:
        """Begin to send."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End after the message that is on its way."""
        self._enough.set()
        self._thread.join()

    def _send_on(self) -> None:
        for number in range(MOST_MESSAGES):
            if self._enough.wait(PAUSE_SECONDS):
                return
            key = f"{self._keyed}-{number}" if self._keyed and number % 2 else ""
            self.send(key)
            if key:
                self.send(key)

    def send(self, key: str = "") -> None:
        """Send one message, under *key* if there is one, and note the answer."""
        with suppress(OSError, http.client.HTTPException, json.JSONDecodeError):
            answer = self._send(key)
            if answer.get("status") == "queued":
                self.accepted.append(answer["message_id"])
                if key:
                    self.ids_of_keys.setdefault(key, set()).add(answer["message_id"])
            elif answer.get("status") in (401, 403, 409, 500):
                self.refused.append(answer)

    def _send(self, key: str) -> dict[str, Any]:
        body = {"token": self._token, "data": {"email_timestream": "2023-01-01T00:00:00Z"}}
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        with closing(http.client.HTTPConnection(self._address, timeout=30)) as connection:
            connection.request("POST", "/messages/timestamped", json.dumps(body), headers)
            answer: dict[str, Any] = json.load(connection.getresponse())
        return answer


def stored_ids(aws: Callable[[str], Any], bucket: str) -> Counter[str]:
    """Return how many objects of *bucket* each message has."""
    pages = aws("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="messages/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return Counter(key.rpartition("_")[2].removesuffix(".json") for key in keys)


def waiting_ids(aws: Callable[[str], Any], queue_url: str) -> set[str]:
    """Take every message that waits in a queue; return their ids."""
    found: set[str] = set()
    while (
        messages := aws("sqs")
        .receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=3,
            VisibilityTimeout=60,
            MessageAttributeNames=["message_id"],
        )
        .get("Messages")
    ):
        found |= {one["MessageAttributes"]["message_id"]["StringValue"] for one in messages}
    return found
