"""A stand-in for SQS, SSM and S3 that answers at once, so that only its caller's work is measured.

Started as a process of its own: `python benchmarks/stub_aws.py` prints the port it listens on.
"""

import asyncio
import contextlib
import json
from typing import Any

TOKEN = "example-token-of-acme"  # noqa: S105 - the one in events/


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
            return {"Parameters": [{"Name": "/weir/dev/tokens/acme", "Value": TOKEN}]}
    return {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the calls of one connection."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = [line.partition(": ") for line in lines[1:]]
            headers = {name.lower(): value for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            target = headers.get("x-amz-target")
            content = json.dumps(answer(target, body)).encode() if target else b""
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
            head += f"Content-Length: {len(content)}\r\n\r\n"
            writer.write(head.encode() + content)
    writer.close()


async def main() -> None:
    """Listen on loopback until ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
