"""The two storage layouts: which objects a batch of messages becomes."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable
from itertools import groupby

from .message import Message, compact, partition
from .settings import StorageLayout
from .write import Write

Layout = Callable[[Iterable[Message]], list[Write]]


def message_objects(messages: Iterable[Message]) -> list[Write]:
    """Return one object for each message: its JSON as it was sent."""
    return [
        Write(
            key=message.key,
            body=message.text,
            content_type="application/json",
            metadata=message.metadata,
            deliveries=(message.delivery,),
            messages=(message,),
        )
        for message in messages
    ]


def batch_objects(messages: Iterable[Message]) -> list[Write]:
    """Return one gzip NDJSON object for all messages received within the same hour.

    A batch seldom spans two hours. When it does (a backlog), it is split, so that every message
    is found in the partition of its own hour.
    """
    ordered = sorted(messages, key=lambda message: message.message_id)
    hours = groupby(ordered, key=lambda message: partition(message.received_at))
    return [_batch_object(hour, list(group)) for hour, group in hours]


LAYOUTS: dict[StorageLayout, Layout] = {
    StorageLayout.MESSAGE: message_objects,
    StorageLayout.BATCH: batch_objects,
}


def _batch_object(hour: str, messages: list[Message]) -> Write:
    unique = {message.message_id: message for message in messages}
    # From the ids alone: the same batch, delivered again, writes the same object.
    name = hashlib.sha256("".join(unique).encode()).hexdigest()[:32]
    lines = b"".join(_envelope(message) for message in unique.values())
    return Write(
        key=f"batches/{hour}/{compact(messages[0].received_at)}_{name}.ndjson.gz",
        body=gzip.compress(lines, mtime=0),
        content_type="application/gzip",
        metadata={"message_count": str(len(unique))},
        deliveries=tuple(message.delivery for message in messages),
        messages=tuple(unique.values()),
    )


def _envelope(message: Message) -> bytes:
    """Return one line: who, what and when, and the message's own JSON, not encoded anew.

    So every number keeps its digits. A line break can stand in JSON only between tokens.
    """
    head = json.dumps(message.metadata)[:-1].encode()
    text = message.text.replace(b"\r", b" ").replace(b"\n", b" ")
    return head + b', "message": ' + text + b"}\n"
