"""What comes to the sidecar reaches the emulator as it came, and the answer comes back so."""

import gzip
import http.client
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import ClassVar

import pytest

from local.stack.local_stack import Keys, LocalStack
from local.stack.ports import free_ports
from operations.project import ROOT

PREFIX = "/_aws/execute-api/api/$default"
BODIES = [b"\xff\xfe\x00", gzip.compress(b"{}", mtime=0), b"x" * 10 * 1024 * 1024]


class Emulator(http.server.BaseHTTPRequestHandler):
    """Answers every request, and keeps it."""

    protocol_version = "HTTP/1.1"
    requests: ClassVar[list[tuple[str, str, list[tuple[str, str]], bytes]]] = []

    def handle_any(self) -> None:
        """Keep the request and answer with two cookies."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append((self.command, self.path, self.headers.items(), body))
        self.send_response(299)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(BODIES[1])))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(BODIES[1])

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = handle_any

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Return a stack whose sidecar runs, before an emulator that only listens."""
    stack = LocalStack(tmp_path_factory.mktemp("stack"), free_ports())
    stack.write_summary({"api_id": "api", "bucket": "messages-bucket"})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", stack.port + 5), Emulator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    module = [sys.executable, "-m", "local.stack.sidecar"]
    sidecar = subprocess.Popen(
        [*module, "--folder", str(stack.folder), "--port", str(stack.port)],
        cwd=ROOT,
        env=stack.sealed_environment(Keys("key", "secret")),
        stderr=subprocess.DEVNULL,
    )
    try:
        await_listener(stack.port)
        yield stack
    finally:
        sidecar.terminate()
        sidecar.wait()
        server.shutdown()
        server.server_close()


def await_listener(port: int) -> None:
    """Return when somebody listens on *port*."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the sidecar does not listen"
        else:
            return


@pytest.fixture
def connection(stack: LocalStack) -> Iterator[http.client.HTTPConnection]:
    """Return a connection to the API; what the emulator got is forgotten first."""
    Emulator.requests.clear()
    connection = http.client.HTTPConnection("127.0.0.1", stack.port + 1)
    yield connection
    connection.close()


def exchange(stack: LocalStack, request: bytes) -> bytes:
    """Send the bytes of *request* to the API; return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", stack.port + 1), timeout=10) as sent:
        sent.sendall(request)
        return sent.makefile("rb").readline()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_method_path_and_query_arrive_as_sent(
    method: str, connection: http.client.HTTPConnection
) -> None:
    """The validator must see the same path here as behind API Gateway."""
    connection.request(method, "/a/..//%2F%25%0A?q=%20&q=+")

    assert connection.getresponse().status == 299
    assert [one[:2] for one in Emulator.requests] == [
        (method, f"{PREFIX}/a/..//%2F%25%0A?q=%20&q=+")
    ]


@pytest.mark.parametrize("body", BODIES, ids=["no text", "gzip", "10 MB"])
def test_body_arrives_as_sent(body: bytes, connection: http.client.HTTPConnection) -> None:
    """What is decoded or changed on the way could not be judged by the validator."""
    connection.request("POST", "/", body, {"Content-Encoding": "gzip"})

    connection.getresponse()

    assert Emulator.requests[0][3] == body


def test_headers_arrive_as_sent_and_no_other(connection: http.client.HTTPConnection) -> None:
    """A missing Content-Type and a repeated header are the validator's to answer."""
    connection.putrequest("POST", "/", skip_accept_encoding=True)
    connection.putheader("X-Twice", "1")
    connection.putheader("X-Twice", "2")
    connection.putheader("Content-Length", "0")
    connection.endheaders()

    connection.getresponse()

    headers = [
        pair for pair in Emulator.requests[0][2] if pair[0] not in ("Host", "Content-Length")
    ]
    assert headers == [("X-Twice", "1"), ("X-Twice", "2")]


def test_answer_comes_back_as_given(connection: http.client.HTTPConnection) -> None:
    """Cookies stay apart, and what is compressed stays compressed."""
    connection.request("GET", "/")

    answer = connection.getresponse()

    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.read() == BODIES[1]


@pytest.mark.parametrize("first", [0, 1], ids=["AWS APIs", "API"])
def test_head_tells_the_length_that_get_would_bring(first: int, stack: LocalStack) -> None:
    """The AWS command line and boto3 look at an object's size before they download it."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port + first)

    connection.request("HEAD", "/bucket/key")

    answer = connection.getresponse()
    assert answer.headers.get_all("Content-Length") == [str(len(BODIES[1]))]
    assert answer.read() == b""


def test_body_beyond_the_limit_is_refused_as_api_gateway_does(
    connection: http.client.HTTPConnection,
) -> None:
    """API Gateway takes 10 MB, and answers for itself when there is more."""
    connection.request("POST", "/", BODIES[2] + b"x")

    answer = connection.getresponse()

    assert (answer.status, json.load(answer)) == (413, {"message": "Request Entity Too Large"})
    assert Emulator.requests == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NO SUCH THING\r\n\r\n",
        b"GARBAGE / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_broken_request_is_the_senders_fault(request_bytes: bytes, stack: LocalStack) -> None:
    """A 5xx would ring an alarm."""
    assert exchange(stack, request_bytes).split()[1].startswith(b"4")


def test_aws_request_keeps_its_host_and_counts_as_tls(stack: LocalStack) -> None:
    """The host is signed; the template's policies deny what is not sent over TLS."""
    Emulator.requests.clear()
    connection = http.client.HTTPConnection("127.0.0.1", stack.port)

    connection.request("GET", "/bucket/key")

    assert connection.getresponse().status == 299
    method, path, pairs, _ = Emulator.requests[0]
    assert (method, path) == ("GET", "/bucket/key")
    assert dict(pairs)["Host"] == f"127.0.0.1:{stack.port}"
    assert dict(pairs)["X-Forwarded-Proto"] == "https"


def test_probe_target_takes_connections(stack: LocalStack) -> None:
    """The probe measures the handshake of a real listener."""
    for port in stack.target_ports:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


def to_s3(stack: LocalStack, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """Send one request to the AWS APIs; return status and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port)
    connection.request(method, path, b"{}", headers)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


COPY = {"x-amz-copy-source": "/messages-bucket/messages/a.json"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("PUT", "/messages-bucket/messages/a.json", {}),
        ("PUT", "/messages-bucket/batches/a.ndjson.gz?x-id=PutObject", {}),
        ("PUT", "/messages-bucket/quarantine/a.txt", {"If-Match": '"etag"'}),
        ("PUT", "/messages-bucket/messages/b.json", COPY),
        ("PUT", "/messages-bucket/mess%61ges/b.json", {}),
        ("POST", "/messages-bucket/messages/a.json?uploadId=1", {}),
    ],
)
def test_a_write_that_could_replace_a_stored_object_is_denied(
    stack: LocalStack, method: str, path: str, headers: dict[str, str]
) -> None:
    """Overwriting, copying and renaming, whoever asks: the bucket's policy, on this machine."""
    Emulator.requests.clear()

    status, body = to_s3(stack, method, path, headers)

    assert (status, b"AccessDenied" in body) == (403, True)
    assert Emulator.requests == []


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("PUT", "/messages-bucket/messages/a.json", {"If-None-Match": "*"}),
        ("POST", "/messages-bucket/messages/a.json?uploadId=1", {"if-none-match": "*"}),
        ("PUT", "/messages-bucket/messages/a.json?partNumber=1&uploadId=1", {}),
        ("POST", "/messages-bucket/messages/a.json?uploads", {}),
        ("PUT", "/messages-bucket/messages/a.json?tagging", {}),
        ("DELETE", "/messages-bucket/messages/a.json", {}),
        ("PUT", "/messages-bucket/elsewhere/a.json", {}),
        ("PUT", "/keys-bucket/messages/a.json", {}),
    ],
)
def test_every_other_call_reaches_the_bucket(
    stack: LocalStack, method: str, path: str, headers: dict[str, str]
) -> None:
    """The first write of an object, the parts of a large one, and deleting."""
    Emulator.requests.clear()

    assert to_s3(stack, method, path, headers)[0] == 299
