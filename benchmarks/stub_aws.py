"""A stand-in for SQS, SSM and S3 over TLS that answers at once, to measure only its callers' work.

    python benchmarks/stub_aws.py FOLDER [PUT_SECONDS [SEND_SECONDS]]

Writes the certificate of an authority of its own to FOLDER/authority.pem and prints its port. Every
PUT takes PUT_SECONDS, and every call that sends to SQS SEND_SECONDS. For each line on standard
input it closes all connections, as AWS closes idle ones, and prints an empty line.
"""

import asyncio
import contextlib
import hashlib
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import trustme

TOKEN = "example-token-of-acme"  # noqa: S105 - the one in events/

# A client that signs, and one whose CloudEvents are keyed by their source and id.
SECRET = "example-secret-of-hub"  # noqa: S105 - signs nothing but what is measured here
EVENTS_TOKEN = "example-token-of-events"  # noqa: S105 - the same
_RIGHTS = {"contracts": ["*"], "rights": ["send"], "suspended": False}
_BOTH = {"scheme": "github", "secrets": [SECRET, SECRET[::-1]]}
MOVING = _RIGHTS | {"tokens": [], "signing": _BOTH}  # from one secret to the next
HUB = _RIGHTS | {"tokens": [], "signing": {"scheme": "github", "secrets": [SECRET]}}
_DIGEST = hashlib.sha256(EVENTS_TOKEN.encode()).hexdigest()
EVENTS = _RIGHTS | {"tokens": [{"sha256": _DIGEST, "expires_at": None}], "keyed_events": True}


def answer(target: str, body: bytes) -> dict[str, Any]:
    """Answer one call of AWS's JSON protocol."""
    match target.rpartition(".")[2]:
        case "SendMessage":
            return {"MessageId": "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc", "MD5OfMessageBody": ""}
        case "SendMessageBatch":
            entries = json.loads(body)["Entries"]
            sent = [
                {"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""} for entry in entries
            ]
            return {"Successful": sent, "Failed": []}
        case "GetParametersByPath":
            entries = {"acme": TOKEN, "hub": json.dumps(HUB), "events": json.dumps(EVENTS)}
            entries["moving"] = json.dumps(MOVING)
            named = [{"Name": f"/weir/dev/tokens/{n}", "Value": v} for n, v in entries.items()]
            return {"Parameters": named}
    return {}


class Stub:
    """The server and its open connections."""

    def __init__(self, put_seconds: float, send_seconds: float) -> None:
        self._put_seconds = put_seconds
        self._send_seconds = send_seconds
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection."""
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                pairs = [line.partition(": ") for line in lines[1:]]
                headers = {name.lower(): value for name, _, value in pairs}
                if headers.get("expect") == "100-continue":
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await _body(reader, headers)
                if lines[0].startswith("PUT"):
                    await asyncio.sleep(self._put_seconds)
                target = headers.get("x-amz-target")
                if target and ".SendMessage" in target:
                    await asyncio.sleep(self._send_seconds)
                content = json.dumps(answer(target, body)).encode() if target else b""
                head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
                head += f"Content-Length: {len(content)}\r\n\r\n"
                writer.write(head.encode() + content)
        self._writers.discard(writer)
        writer.close()

    def close_connections(self) -> None:
        """Close every connection, and confirm it."""
        if not sys.stdin.readline():
            sys.exit()
        for writer in self._writers:
            writer.transport.abort()
        # Sockets are closed in the loop's next turn; a caller must not be faster.
        asyncio.get_running_loop().call_later(0.1, lambda: print(flush=True))


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """Read a body by its length, or chunk by chunk: boto3 sends chunks to S3 over TLS."""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int((await reader.readline()).partition(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass  # trailers
    return body


def server_context(folder: Path) -> ssl.SSLContext:
    """Make an authority, an intermediate and a certificate, all RSA as AWS's are."""
    rsa = trustme.KeyType.RSA
    authority = trustme.CA(key_type=rsa)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf = authority.create_child_ca(key_type=rsa).issue_cert("127.0.0.1", key_type=rsa)
    leaf.configure_cert(context)
    return context


async def main(folder: Path, put_seconds: float = 0.0, send_seconds: float = 0.0) -> None:
    """Listen on loopback until standard input ends."""
    stub = Stub(put_seconds, send_seconds)
    context = server_context(folder)
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, limit=2**22, ssl=context)
    asyncio.get_running_loop().add_reader(sys.stdin, stub.close_connections)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(float, sys.argv[2:])))
