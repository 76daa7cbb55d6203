"""Stand-ins for what the validator is given: clocks, logs and AWS."""

import io
import itertools
from collections.abc import Callable
from concurrent.futures import Executor, Future
from math import inf
from typing import Any

from botocore.exceptions import ClientError
from validator.deadline import Deadline
from validator.tokens.entry import Client, Token, digest_of
from validator.tokens.store import Identity


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return the time that the test has set."""
        return self.now


# A request that has all the time it wants.
FAR = Deadline(inf, lambda: 0.0)


def identity(
    token: str, *, name: str = "acme", is_expired: bool = False, **limits: Any
) -> Identity:
    """Return a client that may do everything within *limits*, and its *token*."""
    known = Token(digest_of(token), inf)
    return Identity(Client(name, (known,), **limits), known, is_expired)


class AtOnce(Executor):
    """Threads that are none: each call is made when it is given, and its future is done."""

    def submit[**P, R](
        self, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Call *call*."""
        future: Future[R] = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Silent(Executor):
    """Threads in which every call waits for ever."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        """Call nothing."""
        return Future()


class Warnings(list[dict[str, Any]]):
    """The warnings that were given."""

    def __call__(self, message: str, **keys: Any) -> None:
        """Keep one warning."""
        self.append({"message": message, **keys})

    def messages(self) -> list[str]:
        """Return the constant texts alone."""
        return [warning["message"] for warning in self]


def refusal(code: str, operation: str = "Operation", status: int = 400) -> ClientError:
    """Return the error by which AWS refuses with *code*."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": metadata}, operation
    )


class FakeSqs:
    """A queue that takes what it is told to take."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.taken: list[list[dict[str, Any]]] = []
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self.answers: list[Callable[[list[dict[str, Any]]], dict[str, Any]]] = []

    def send_message_batch(
        self,
        QueueUrl: str,  # noqa: ARG002, N803
        Entries: list[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        """Answer as told, or take every entry."""
        self.before("send")
        self.calls.append(Entries)
        if self.answers:
            return self.answers.pop(0)(Entries)
        self.taken.append(Entries)
        self.after("send")
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def bodies(self) -> list[str]:
        """Return the bodies of every entry that was sent."""
        return [entry["MessageBody"] for call in self.calls for entry in call]


class FakeS3:
    """Buckets with the conditional writes of S3; an object is found by bucket and key."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.etags = itertools.count()
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None

    def put_object(self, **request: Any) -> None:
        """Store an object if the request's condition holds."""
        self.before("put")
        standing = self.objects.get((request["Bucket"], request["Key"]))
        if "IfNoneMatch" in request and standing is not None:
            raise refusal("PreconditionFailed")
        if "IfMatch" in request and (standing is None or standing[1] != request["IfMatch"]):
            raise refusal("PreconditionFailed")
        self.objects[request["Bucket"], request["Key"]] = (
            request["Body"],
            f'"{next(self.etags)}"',
        )
        self.after("put")

    def get_object(self, **request: Any) -> dict[str, Any]:
        """Return an object."""
        self.before("get")
        if (request["Bucket"], request["Key"]) not in self.objects:
            raise refusal("NoSuchKey")
        body, etag = self.objects[request["Bucket"], request["Key"]]
        self.after("get")
        return {"Body": io.BytesIO(body), "ETag": etag}
