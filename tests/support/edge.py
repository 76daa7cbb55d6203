"""What a stand-in for AWS at the network's edge is made of: HTTP on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


class EdgeServer(ThreadingHTTPServer):
    """A server that a hung connection cannot hold, with room for every thread to connect."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class EdgeConnection(BaseHTTPRequestHandler):
    """One connection, kept alive and quick, whose answers are sent whole."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_expect_100(self) -> bool:
        """Ask for the body at once: boto3 waits a second for it."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    def body(self) -> bytes:
        """Return the request's body."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def call(self) -> tuple[str, Any]:
        """Return the operation of an AWS JSON API, and its request."""
        return self.headers["X-Amz-Target"].rpartition(".")[2], json.loads(self.body())

    def answer(self, status: int, body: bytes, content_type: str = "application/xml") -> None:
        """Send one whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("ETag", '"etag"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(
    connection: type[BaseHTTPRequestHandler], port: int = 0, tls: SSLContext | None = None
) -> Iterator[str]:
    """Serve *connection* on loopback while the block runs, over TLS by *tls*; yield the address."""
    with EdgeServer(("127.0.0.1", port), connection) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
