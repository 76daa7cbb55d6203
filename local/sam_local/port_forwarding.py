"""Lets containers reach what listens on this machine's loopback address, and nobody else.

The stack listens on 127.0.0.1 alone, which a container cannot reach. While `sam local` runs, the
same ports of the Docker bridge, an address that only this machine's containers see, lead there.
"""

import asyncio
import contextlib
import ipaddress
import json
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator

from .environment import LOOPBACK

CHUNK = 65_536


def bridge_address() -> str | None:
    """Return the address of the Docker bridge; None where Docker itself leads to loopback.

    That is so for Docker Desktop, whose engine runs in a virtual machine.
    """
    asked = subprocess.run(
        ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    (network,) = json.loads(asked.stdout)
    # The engine names this address only if it was set; its default is the first one.
    address = network.get("Gateway") or str(ipaddress.ip_network(network["Subnet"])[1])
    with socket.socket() as listener:
        try:
            listener.bind((address, 0))
        except OSError:
            return None
    return address


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until there is no more; a connection that is cut off ends it too."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def forward(address: str, port: int) -> asyncio.Server:
    """Forward *port* of *address* to the same port of loopback."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, port)
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    # Two `sam local` at once share the ports; either serves.
    return await asyncio.start_server(connect, address, port, reuse_port=True)


@contextlib.contextmanager
def reachable_from_containers(address: str | None, ports: Iterable[int]) -> Iterator[None]:
    """Forward *ports* of *address* to loopback for as long as the block runs."""
    loop = asyncio.new_event_loop()
    servers = [loop.run_until_complete(forward(address, port)) for port in ports] if address else []
    thread = threading.Thread(target=loop.run_forever, name="port-forwarding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
