"""S3: one bucket that keeps what AWS's documents promise, and not more.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import io
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any
from zlib import crc32

from botocore.config import Config

from .network import Client, service_error

if TYPE_CHECKING:
    from .world import World

_LARGEST_METADATA_BYTES = 2048
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Object:
    """What a PUT has left."""

    body: bytes
    metadata: dict[str, str]
    content_type: str
    etag: str
    moment: float  # Unix seconds


@dataclass(frozen=True, slots=True)
class Change:
    """One write or deletion, for the checker: *before* is what it replaced or deleted."""

    key: str
    moment: float
    before: Object | None
    after: Object | None


class Bucket:
    """What the bucket holds, and everything that has ever changed in it."""

    def __init__(self, write_once: tuple[str, ...] = ()) -> None:
        self.objects: dict[str, Object] = {}
        self.changes: list[Change] = []
        self._write_once = write_once  # prefixes that the bucket's policy protects

    def put(
        self,
        key: str,
        body: bytes,
        moment: float,
        *,
        metadata: dict[str, str] | None = None,
        content_type: str = "binary/octet-stream",
        if_none_match: str | None = None,
        if_match: str | None = None,
        crc32_base64: str | None = None,
    ) -> str:
        """Store an object; return its entity tag."""
        metadata = metadata or {}
        if key.startswith(self._write_once) and self._write_once and if_none_match != "*":
            raise service_error(403, "AccessDenied", "PutObject")
        if sum(len(name) + len(value) for name, value in metadata.items()) > (
            _LARGEST_METADATA_BYTES
        ):
            raise service_error(400, "MetadataTooLarge", "PutObject")
        if crc32_base64 not in (None, b64encode(crc32(body).to_bytes(4)).decode()):
            raise service_error(400, "BadDigest", "PutObject")
        before = self.objects.get(key)
        if if_none_match == "*" and before:
            raise service_error(412, "PreconditionFailed", "PutObject")
        if if_match is not None:
            if not before:
                raise service_error(404, "NoSuchKey", "PutObject")
            if before.etag != if_match:
                raise service_error(412, "PreconditionFailed", "PutObject")
        etag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        self._change(key, moment, Object(body, metadata, content_type, etag, moment))
        return etag

    def get(self, key: str) -> Object:
        """Return the object at *key*."""
        if key not in self.objects:
            raise service_error(404, "NoSuchKey", "GetObject")
        return self.objects[key]

    def delete(self, key: str, moment: float) -> None:
        """Delete the object at *key*, if there is one."""
        if key in self.objects:
            self._change(key, moment, None)

    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with *prefix*, in order."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def _change(self, key: str, moment: float, after: Object | None) -> None:
        self.changes.append(Change(key, moment, self.objects.get(key), after))
        if after:
            self.objects[key] = after
        else:
            self.objects.pop(key, None)


class S3Client(Client):
    """The client of S3, as boto3 has it."""

    def __init__(self, world: "World", config: Config | None) -> None:
        super().__init__(world, "s3", config)

    @property
    def _bucket(self) -> Bucket:
        return self._world.bucket

    def put_object(self, **request: Any) -> dict[str, Any]:
        """Store an object."""
        bucket = self._world.bucket_named(request["Bucket"])

        def act() -> dict[str, Any]:
            etag = bucket.put(
                request["Key"],
                bytes(request["Body"]),
                self._world.time_of_day(),
                metadata=dict(request.get("Metadata", {})),
                content_type=request.get("ContentType", "binary/octet-stream"),
                if_none_match=request.get("IfNoneMatch"),
                if_match=request.get("IfMatch"),
                crc32_base64=request.get("ChecksumCRC32"),
            )
            return {"ETag": etag}

        conditional = "IfNoneMatch" in request or "IfMatch" in request
        answer: dict[str, Any] = self.call(
            "put_object", act, conditional=conditional, may_drip=self._read_timeout > 4
        )
        return answer

    def get_object(self, **request: Any) -> dict[str, Any]:
        """Return an object."""
        bucket = self._world.bucket_named(request["Bucket"])

        def act() -> dict[str, Any]:
            found = bucket.get(request["Key"])
            return {
                "Body": io.BytesIO(found.body),
                "ETag": found.etag,
                "Metadata": dict(found.metadata),
                "ContentType": found.content_type,
                "LastModified": _moment(found),
            }

        answer: dict[str, Any] = self.call("get_object", act)
        return answer

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """Return one page of keys."""
        bucket = self._world.bucket_named(request["Bucket"])

        def act() -> dict[str, Any]:
            after = request.get("ContinuationToken", "")
            keys = [key for key in bucket.list(request.get("Prefix", "")) if key > after]
            # A page may hold fewer keys than asked for.
            size = min(request.get("MaxKeys", _PAGE), self._world.page_size)
            page = [
                {
                    "Key": key,
                    "Size": len(bucket.objects[key].body),
                    "LastModified": _moment(bucket.objects[key]),
                    "ETag": bucket.objects[key].etag,
                }
                for key in keys[:size]
            ]
            answer: dict[str, Any] = {"IsTruncated": len(keys) > size, "KeyCount": len(page)}
            if page:
                answer["Contents"] = page
            if len(keys) > size:
                answer["NextContinuationToken"] = keys[size - 1]
            return answer

        answer: dict[str, Any] = self.call("list_objects_v2", act)
        return answer

    def delete_object(self, **request: Any) -> dict[str, Any]:
        """Delete an object."""
        bucket = self._world.bucket_named(request["Bucket"])

        def act() -> dict[str, Any]:
            bucket.delete(request["Key"], self._world.time_of_day())
            return {}

        answer: dict[str, Any] = self.call("delete_object", act)
        return answer

    def get_paginator(self, operation: str) -> "Pages":
        """Return what goes through all pages of a list."""
        assert operation == "list_objects_v2"
        return Pages(self)


class Pages:
    """All pages of a list of keys."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield one page after the other."""
        while True:
            page = self._client.list_objects_v2(**request)
            yield page
            if not page["IsTruncated"]:
                return
            request["ContinuationToken"] = page["NextContinuationToken"]


def _moment(found: Object) -> datetime:
    return datetime.fromtimestamp(int(found.moment), UTC)
