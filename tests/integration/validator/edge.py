"""A stand-in for SQS, SSM and S3 at the network's edge, which fails as it is told to."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.edge import EdgeConnection, serving

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
SQS_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
LAST_MODIFIED = "2026-01-15T10:20:31.000Z"

Fault = Callable[["EdgeHandler"], None]


class Edge:
    """One queue, one path of parameters and one bucket, by HTTP on loopback."""

    def __init__(self, tls: SSLContext | None = None) -> None:
        self._tls = tls
        self.tokens: dict[str, str] = {}
        self.queued: list[dict[str, Any]] = []
        self.objects: dict[str, bytes] = {}
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, Fault] = {}
        self.refused_ids: set[str] = set()
        self.ended = threading.Event()

    def __enter__(self) -> "Edge":
        handler = type("Handler", (EdgeHandler,), {"edge": self})
        self._serving = serving(handler, tls=self._tls)
        self.url = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._serving.__exit__(None, None, None)


class EdgeHandler(EdgeConnection):
    """One connection to the edge."""

    edge: Edge

    def serve(self, operation: str, work: Callable[[], None]) -> None:
        """Do *work*, or what is to go wrong with *operation*."""
        self.edge.calls[operation] += 1
        fault = self.edge.faults.get(operation)
        if fault:
            fault(self)
        else:
            work()

    def do_POST(self) -> None:
        """Serve SQS and SSM."""
        operation, request = self.call()
        work = self._send_batch if operation == "SendMessageBatch" else self._parameters
        self.serve(operation, lambda: work(request))

    def do_PUT(self) -> None:
        """Serve S3's PutObject."""
        body = self.body()
        self.serve("PutObject", lambda: self._put(unquote(urlsplit(self.path).path), body))

    def do_GET(self) -> None:
        """Serve S3's GetObject and ListObjectsV2."""
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if "list-type" in query:
            self.serve("ListObjectsV2", lambda: self._list(query["prefix"][0]))
        else:
            self.serve("GetObject", lambda: self._get(unquote(address.path)))

    def _send_batch(self, request: Any) -> None:
        answer: dict[str, list[Any]] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            if entry["Id"] in self.edge.refused_ids or not SQS_TEXT.fullmatch(entry["MessageBody"]):
                answer["Failed"].append(
                    {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
                )
                continue
            self.edge.queued.append(entry)
            answer["Successful"].append({"Id": entry["Id"], "MessageId": "x"})
        self.answer(200, json.dumps(answer).encode())

    def _parameters(self, request: Any) -> None:
        found = [
            {"Name": f"{request['Path']}/{client}", "Value": token}
            for client, token in self.edge.tokens.items()
        ]
        self.answer(200, json.dumps({"Parameters": found}).encode())

    def _put(self, key: str, body: bytes) -> None:
        if self.headers["If-None-Match"] and key in self.edge.objects:
            self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            return
        self.edge.objects[key] = body
        self.answer(200, b"")

    def _get(self, key: str) -> None:
        self.answer(200, self.edge.objects[key])

    def _list(self, prefix: str) -> None:
        found = [key for key in self.edge.objects if key.partition("/messages/")[2]]
        contents = "".join(
            f"<Contents><Key>messages/{key.partition('/messages/')[2]}</Key>"
            f"<LastModified>{LAST_MODIFIED}</LastModified><Size>1</Size></Contents>"
            for key in found
            if f"messages/{key.partition('/messages/')[2]}".startswith(prefix)
        )
        self.answer(200, f"<ListBucketResult>{contents}</ListBucketResult>".encode())


def refuse(handler: EdgeHandler) -> None:
    """Answer as a service in trouble does."""
    handler.answer(500, b'{"__type": "InternalError", "message": "5ecret"}')


def deny(handler: EdgeHandler) -> None:
    """Answer as a service does when a permission is missing."""
    handler.answer(400, b'{"__type": "AccessDeniedException", "message": "5ecret"}')


def talk_nonsense(handler: EdgeHandler) -> None:
    """Answer as a proxy in between does."""
    handler.answer(200, b"<html>5ecret")


def hang_up(handler: EdgeHandler) -> None:
    """Cut the connection in the middle of the answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    handler.wfile.flush()
    handler.close_connection = True


def never_answer(handler: EdgeHandler) -> None:
    """Keep the connection and say nothing."""
    handler.edge.ended.wait(20)
    handler.close_connection = True
