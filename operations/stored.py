"""Stored messages in the bucket: in objects of their own, or many to an object (layout `batch`)."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Stored(NamedTuple):
    """A message in the bucket: the key of its object, and its text."""

    key: str
    text: str


def hours(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the part of a key that says the hour (UTC), for each from *since* to *until*."""
    hour = since.replace(minute=0, second=0, microsecond=0)
    while hour <= until:
        yield f"dt={hour:%Y-%m-%d}/hour={hour:%H}/"
        hour += timedelta(hours=1)


def prefixes(contracts: Iterable[str], since: datetime, until: datetime) -> Iterator[str]:
    """Yield what the keys of messages begin with, for every contract and hour."""
    for contract in contracts:
        for hour in hours(since, until):
            yield f"messages/contract={contract}/{hour}"


def batch_prefixes(contracts: Iterable[str], since: datetime, until: datetime) -> Iterator[str]:
    """Yield what the keys of batches begin with, for every contract and hour.

    Weir 0.1.0 had no level for the contract: its batches come first, each hour once.
    """
    for hour in hours(since, until):
        yield f"batches/{hour}"
    for prefix in prefixes(contracts, since, until):
        yield prefix.replace("messages/", "batches/", 1)


def message_id_of(key: str) -> str:
    """Return the id of the message whose own object has this *key*."""
    return key.rpartition("_")[2].removesuffix(".json")


def message_ids(
    s3: "S3Client", bucket: str, contracts: Iterable[str], since: datetime, until: datetime
) -> Iterator[str]:
    """Yield the id of each message that is stored, in either layout, as often as it is stored."""
    for prefix in prefixes(contracts, since, until):
        yield from map(message_id_of, keys(s3, bucket, prefix))
    for prefix in batch_prefixes(contracts, since, until):
        for key in keys(s3, bucket, prefix):
            for line in lines(s3, bucket, key):
                yield json.loads(line)["message_id"]


def find(s3: "S3Client", bucket: str, receipt: dict[str, Any]) -> Stored | None:
    """Return the message of *receipt*, in whichever layout it is stored; None if it is not yet."""
    name, contract = receipt["message_id"], receipt["contract"]
    received_at = datetime.fromisoformat(receipt["received_at"]).astimezone(UTC)
    (prefix,) = prefixes([contract], received_at, received_at)
    for key in keys(s3, bucket, prefix):
        if message_id_of(key) == name:
            return Stored(key, read(s3, bucket, key).decode())
    for prefix in batch_prefixes([contract], received_at, received_at):
        for key in keys(s3, bucket, prefix):
            for line in lines(s3, bucket, key):
                if f'"message_id": "{name}"' in line.partition('"message": ')[0]:
                    return Stored(key, line)
    return None


def keys(s3: "S3Client", bucket: str, prefix: str) -> Iterator[str]:
    """Yield every key that begins with *prefix*."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"]


def lines(s3: "S3Client", bucket: str, key: str) -> list[str]:
    """Return the lines of a batch's object: one message in its envelope each."""
    # Not splitlines(), which would also split at U+2028 within a message.
    return gzip.decompress(read(s3, bucket, key)).decode().rstrip("\n").split("\n")


def read(s3: "S3Client", bucket: str, key: str) -> bytes:
    """Return what the object holds."""
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
