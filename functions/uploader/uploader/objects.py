"""The objects in the bucket: where each is stored, and what is in it.

| Object | Key |
|---|---|
| a message | `messages/contract=<contract>/dt=<date>/hour=<hour>/<received>_<message_id>.json` |
| a batch | `batches/contract=<contract>/dt=<date>/hour=<hour>/<received first>_<hash>.ndjson.gz` |
| a record that is not a Weir message | `quarantine/reason=<reason>/dt=<date>/<sent>_<SQS id>.txt` |

A key follows from ids and their times alone, so the same messages, received again, have the same
key.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from .failures import Reason
from .message import Message
from .record import Record
from .settings import StorageLayout

# Lambda adds it to each attribute; within a text its quotes would be escaped.
_EMPTY_LISTS = ', "stringListValues": [], "binaryListValues": []'


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An object to write to S3; once it is there, its *records* are done.

    *messages* are those it stores, each once; an object in quarantine stores none.
    """

    key: str
    body: bytes
    content_type: str
    metadata: Mapping[str, str]
    records: tuple[Record, ...]
    messages: tuple[Message, ...]


def objects_of(messages: Iterable[Message], default: StorageLayout) -> list[Write]:
    """Return the objects that store *messages*, each in its own layout or in the *default*."""
    named = [(StorageLayout(message.layout or default), message) for message in messages]
    alone = (message for layout, message in named if layout is StorageLayout.MESSAGE)
    batched = (message for layout, message in named if layout is StorageLayout.BATCH)
    return message_objects(alone) + batch_objects(batched)


def message_objects(messages: Iterable[Message]) -> list[Write]:
    """Return one object per message: its JSON as it was sent."""
    return [
        Write(
            key=message_key(message),
            body=message.text,
            content_type="application/json",
            metadata=_metadata(message),
            records=(message.record,),
            messages=(message,),
        )
        for message in messages
    ]


def batch_objects(messages: Iterable[Message]) -> list[Write]:
    """Return one gzip NDJSON object for all messages of one contract, received in one hour.

    So every message is found in the partition of its own contract and hour. A batch seldom spans
    two hours; when it does (a backlog), it is split.
    """
    ordered = sorted(messages, key=lambda message: (message.contract, message.message_id))
    partitions = groupby(ordered, key=_partition)
    return [_batch_object(partition, list(group)) for partition, group in partitions]


def quarantine_object(record: Record, reason: Reason) -> Write:
    """Return the object that keeps *record*: its bytes, why it is here, and how to replay it.

    S3 refuses attributes beyond its 2 KB of metadata, which counts as a passing failure: such a
    record ends in the dead-letter queue, whole.
    """
    # Without the empty lists of Lambda's form, there is room for the longest context of a message.
    attributes = json.dumps(record.attributes).replace(_EMPTY_LISTS, "")
    metadata = {
        "reason": reason.value,
        "sqs_message_id": record.sqs_id,
        "sent_at": _compact(record.sent_at),
        "message_attributes": attributes,
    }
    if record.group:
        metadata["message_group_id"] = record.group
    return Write(
        key=(
            f"quarantine/reason={reason.value}/dt={record.sent_at:%Y-%m-%d}/"
            f"{_compact(record.sent_at)}_{record.sqs_id}.txt"
        ),
        # SQS sends no lone surrogates; an event made by hand might.
        body=record.body.encode(errors="surrogatepass"),
        content_type="text/plain; charset=utf-8",
        metadata=metadata,
        records=(record,),
        messages=(),
    )


def message_key(message: Message) -> str:
    """Return the key of *message*'s own object, which the validator's look-up relies on."""
    return (
        f"messages/{_partition(message)}/{_compact(message.received_at)}_{message.message_id}.json"
    )


def _batch_object(partition: str, messages: list[Message]) -> Write:
    unique = {message.message_id: message for message in messages}
    # From the ids alone: the same batch, received again, writes the same object.
    name = hashlib.sha256("".join(unique).encode()).hexdigest()[:32]
    lines = b"".join(_envelope(message) for message in unique.values())
    return Write(
        key=f"batches/{partition}/{_compact(messages[0].received_at)}_{name}.ndjson.gz",
        body=gzip.compress(lines, mtime=0),
        content_type="application/gzip",
        metadata={"message_count": str(len(unique))},
        records=tuple(message.record for message in messages),
        messages=tuple(unique.values()),
    )


def _envelope(message: Message) -> bytes:
    """Return one line: who, what and when, and the message's own JSON, not encoded again.

    So every number keeps its digits. A line break can stand in JSON only between tokens.
    """
    head = json.dumps(_metadata(message))[:-1].encode()
    text = message.text.replace(b"\r", b" ").replace(b"\n", b" ")
    return head + b', "message": ' + text + b"}\n"


def _metadata(message: Message) -> dict[str, str]:
    """Return what describes *message*, in S3's metadata and in a batch's envelope alike."""
    received_at = message.received_at.isoformat(timespec="milliseconds")
    return {
        "message_id": message.message_id,
        "contract": message.contract,
        "client": message.client,
        "contract_version": message.contract_version,
        "received_at": received_at.replace("+00:00", "Z"),
        **({"context": message.context} if message.context else {}),
    }


def _partition(message: Message) -> str:
    """Return the part of a key that says contract and hour, in the form of Athena's partitions."""
    moment = message.received_at
    return f"contract={message.contract}/dt={moment:%Y-%m-%d}/hour={moment:%H}"


def _compact(moment: datetime) -> str:
    """Return *moment* as ISO 8601's basic format with milliseconds: 20260115T102030.123Z."""
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"
