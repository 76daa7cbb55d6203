"""The places in which a message can be: log, bucket, queues and quarantine."""

import gzip
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .ledger import Accepted, Ledger, ids_in
from .window import Window

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# The canary counts its own messages (it plays client and contract of this name).
CANARY = Accepted("canary", "canary")

# So long is a message hidden from its queue's reader that is looked at, unless it is shown before.
HIDDEN_SECONDS = 60
HIDDEN_LETTER_SECONDS = 3600  # nothing but replay reads dead letters

type Progress = Callable[[str, int], None]


def read_log(
    logs: "CloudWatchLogsClient", group: str, window: Window, ledger: Ledger, progress: Progress
) -> None:
    """Add every message to *ledger* that the validator logged as queued.

    FilterLogEvents has pages without end, where Logs Insights would stop at 10,000 rows.
    """
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern='"queued"',
        startTime=int(window.since.timestamp() * 1000),
        endTime=int(window.until.timestamp() * 1000) - 1,
    )
    for page in pages:
        for event in page["events"]:
            for message_id, sender in queued(event["message"]):
                ledger.accepted[message_id] = sender
        progress("accepted, by the log", len(ledger.accepted))


def queued(line: str) -> Iterator[tuple[str, Accepted]]:
    """Yield each message that *line* says was queued, but for the canary's."""
    try:
        content = json.loads(line)
    except ValueError:
        return
    if not isinstance(content, dict) or content.get("message") not in (
        "message queued",
        "messages queued",
    ):
        return
    sender = Accepted(str(content.get("client")), str(content.get("contract")))
    if sender != CANARY:
        for message_id in ids_in(f"{content.get('message_id')} {content.get('message_ids')}"):
            yield message_id, sender


class Bucket:
    """The message bucket, as far as a window reaches."""

    def __init__(self, s3: "S3Client", name: str, window: Window) -> None:
        self._s3 = s3
        self._name = name
        self._window = window

    def read_objects(self, ledger: Ledger, progress: Progress) -> None:
        """Count the objects of layout `message`, each of which bears its message's id."""
        ledger.objects.clear()
        ledger.keys.clear()
        seen: dict[str, str] = {}
        for number, key in enumerate(self._keys("messages/"), 1):
            if "/contract=canary/" not in key:
                ledger.stored(key, seen)
            if number % 1000 == 0:
                progress("objects in messages/", number)

    def read_batches(self, ledger: Ledger, progress: Progress) -> None:
        """Count the lines of layout `batch`; each object has to be read for them."""
        ledger.lines.clear()
        for number, key in enumerate(self._keys("batches/"), 1):
            body = self._s3.get_object(Bucket=self._name, Key=key)["Body"].read()
            for line in gzip.decompress(body).splitlines():
                envelope = json.loads(line, parse_int=str, parse_float=str)
                if Accepted(envelope["client"], envelope["contract"]) != CANARY:
                    ledger.lines[envelope["message_id"]] += 1
            if number % 100 == 0:
                progress("objects in batches/", number)

    def read_quarantine(self, ledger: Ledger, progress: Progress) -> None:
        """Note the messages in quarantine, whose ids are in what came with them."""
        ledger.places.pop("in quarantine", None)
        for number, key in enumerate(self._keys("quarantine/"), 1):
            metadata = self._s3.head_object(Bucket=self._name, Key=key)["Metadata"]
            ledger.found("in quarantine", ids_in(metadata.get("message_attributes", "")))
            if number % 100 == 0:
                progress("objects in quarantine/", number)

    def _keys(self, root: str) -> Iterator[str]:
        """Yield the keys under *root* of the window's days, with or without a level before them."""
        folders = [root]
        for page in self._pages(Bucket=self._name, Prefix=root, Delimiter="/"):
            found = [each["Prefix"] for each in page.get("CommonPrefixes", [])]
            folders += [each for each in found if not each.startswith(f"{root}dt=")]
        for folder in folders:
            for day in self._window.days():
                for page in self._pages(Bucket=self._name, Prefix=f"{folder}{day}/"):
                    for item in page.get("Contents", []):
                        yield item["Key"]

    def _pages(self, **request: Any) -> Any:
        return self._s3.get_paginator("list_objects_v2").paginate(**request)


class Queue:
    """A queue, looked into without taking anything out.

    Each message is received once, which counts as one of its receives, and shown again at the
    end. A message that is being stored, or that waits for its retry, cannot be looked at.
    """

    def __init__(self, sqs: "SQSClient", url: str, place: str, hidden_seconds: int) -> None:
        self._sqs = sqs
        self._url = url
        self._place = place
        self._hidden_seconds = hidden_seconds

    def hidden(self) -> int:
        """Return how many messages cannot be looked at now."""
        name: Any = "ApproximateNumberOfMessagesNotVisible"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def look(self, wanted: set[str], ledger: Ledger, progress: Progress) -> None:
        """Note which of *wanted* wait here."""
        ledger.places.pop(self._place, None)
        held: dict[str, str] = {}
        try:
            while messages := self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=self._hidden_seconds,
                WaitTimeSeconds=1,
                MessageAttributeNames=["message_id"],
            ).get("Messages"):
                known = all(message["MessageId"] in held for message in messages)
                for message in messages:
                    held[message["MessageId"]] = message["ReceiptHandle"]
                    attribute: Any = message.get("MessageAttributes", {}).get("message_id", {})
                    ledger.found(self._place, {attribute.get("StringValue", "")} & wanted)
                progress(f"looked at {self._place}", len(held))
                if known:
                    break
        finally:
            for handle in held.values():
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0
                )
