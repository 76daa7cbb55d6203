"""A stand-in for S3 and SQS at the network's edge, which fails as it is told to."""

import json
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from tests.support.edge import EdgeConnection, EdgeServer


@dataclass(frozen=True)
class Refuse:
    """S3 answers with an error."""

    status: int
    code: str


@dataclass(frozen=True)
class Delay:
    """S3 does its work, but later."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """S3 does its work, and the connection breaks in the middle of the answer."""


Fault = Refuse | Delay | Cut


@dataclass(frozen=True)
class StoredObject:
    """What a PUT has left."""

    body: bytes
    content_type: str
    metadata: dict[str, str]


@dataclass
class Edge:
    """Buckets and queues as the uploader sees them, by HTTP on loopback.

    S3 keeps its promises: a key is written once (``If-None-Match: *``), and a body that does not
    match its CRC32, or has none, is refused. *fault* is asked at every PUT what is to go wrong.
    """

    fault: Callable[[str], Fault | None] = lambda _: None
    change_visibility: Callable[[str, int], bool] = lambda _handle, _seconds: True
    objects: dict[str, StoredObject] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    overwritten: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Edge":
        edge = self

        class Handler(EdgeHandler):
            pass

        Handler.edge = edge
        self._handler = Handler
        self._lock = threading.Lock()
        self._port = 0
        self.accept_connections()
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.refuse_connections()

    def accept_connections(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = EdgeServer(("127.0.0.1", self._port), self._handler)
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def refuse_connections(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def put(self, key: str, found: StoredObject, *, once: bool) -> bool:
        """Store *found*; return False if it must be new and is not."""
        with self._lock:
            if key in self.objects:
                if once:
                    return False
                self.overwritten += 1
            self.objects[key] = found
            return True


class EdgeHandler(EdgeConnection):
    """One connection to the edge."""

    edge: Edge

    def do_PUT(self) -> None:
        """Take an object, or fail as told."""
        body = self.body()
        key = self.path.split("/", 2)[2].replace("%3D", "=")
        self.edge.attempts[key] += 1
        fault = self.edge.fault(key)
        if isinstance(fault, Refuse):
            self.refuse(fault.status, fault.code)
            return
        if isinstance(fault, Delay):
            self.edge.released.wait(fault.seconds)
        if self.headers["x-amz-checksum-crc32"] != b64encode(crc32(body).to_bytes(4)).decode():
            self.refuse(400, "BadDigest")
            return
        metadata = {
            name.removeprefix("x-amz-meta-"): value
            for name, value in self.headers.items()
            if name.startswith("x-amz-meta-")
        }
        found = StoredObject(body, self.headers["Content-Type"], metadata)
        is_new = self.edge.put(key, found, once=self.headers["If-None-Match"] == "*")
        if isinstance(fault, Cut):
            self.wfile.write(b"HTTP/1.1 20")
            self.close_connection = True
        elif is_new:
            self.answer(200, b"", "application/xml")
        else:
            self.refuse(412, "PreconditionFailed")

    def do_POST(self) -> None:
        """Change visibility timeouts, the one thing that the uploader asks of SQS."""
        operation, request = self.call()
        assert operation == "ChangeMessageVisibilityBatch"
        answer: dict[str, list[dict[str, Any]]] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            done = self.edge.change_visibility(entry["ReceiptHandle"], entry["VisibilityTimeout"])
            answer["Successful" if done else "Failed"].append(
                {"Id": entry["Id"]}
                if done
                else {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
            )
        self.answer(200, json.dumps(answer).encode(), "application/x-amz-json-1.0")

    def refuse(self, status: int, code: str) -> None:
        """Answer as S3 does when it will not."""
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode(), "application/xml")
