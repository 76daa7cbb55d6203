"""A bucket in memory, for what lists and reads it."""

import io
from collections.abc import Mapping
from typing import Any


class FakeS3:
    """A bucket that holds *objects* by key."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self._objects = objects

    def get_paginator(self, _: str) -> "FakeS3":
        """Return what lists the bucket."""
        return self

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803
        """Return a page for each object, and an empty one."""
        found = [{"Contents": [{"Key": key}]} for key in self._objects if key.startswith(Prefix)]
        return [{}, *found]

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        """Return an object."""
        return {"Body": io.BytesIO(self._objects[Key])}
