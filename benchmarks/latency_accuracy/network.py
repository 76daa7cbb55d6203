"""A network of three namespaces: the probe's, the path's with a forwarder in it, the target's."""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

PROBE_ADDRESS, TARGET_ADDRESS = "10.77.0.1", "10.77.0.2"
_SIOCETHTOOL, _ETHTOOL_STXCSUM = 0x8946, 0x17  # linux/sockios.h, linux/ethtool.h


class Network:
    """Makes the namespaces and takes them away again; needs root."""

    def __init__(self) -> None:
        self.probe, self.path, self.target = (
            f"weir-{os.getpid()}-{role}" for role in ("probe", "path", "target")
        )

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:  # a signal, too: whoever does not get in is not let out
            self._delete()
            raise
        return self

    def _make(self) -> None:
        for namespace in (self.probe, self.path, self.target):
            _ip(f"netns add {namespace}")
            _ip(f"-n {namespace} link set lo up")
        for namespace, near, far, address in (
            (self.probe, "probe0", "to-probe", PROBE_ADDRESS),
            (self.target, "target0", "to-target", TARGET_ADDRESS),
        ):
            _ip(f"link add {near} netns {namespace} type veth peer name {far} netns {self.path}")
            _ip(f"-n {namespace} address add {address}/30 dev {near}")
            _ip(f"-n {namespace} link set {near} up")
            _ip(f"-n {self.path} link set {far} up")
            # The forwarder hands frames on as they are, so their checksums must be complete.
            with entered(namespace):
                _complete_checksums(near)
        with entered(self.probe):
            Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")

    def _delete(self) -> None:
        for namespace in (self.probe, self.path, self.target):
            if Path(f"/run/netns/{namespace}").exists():
                subprocess.run(["ip", "netns", "delete", namespace], check=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._delete()

    def wires(self) -> tuple[socket.socket, socket.socket]:
        """Give the path's two ends, towards the probe and towards the target."""
        with entered(self.path):
            return tap("to-probe"), tap("to-target")

    def listener(self) -> socket.socket:
        """Listen in the target's namespace, with room for a whole run in the accept queue."""
        with entered(self.target):
            return socket.create_server((TARGET_ADDRESS, 0), backlog=4096)

    def silent_listener(self) -> list[socket.socket]:
        """Listen with an accept queue that is full, so that nobody is answered."""
        with entered(self.target):
            server = socket.create_server((TARGET_ADDRESS, 0), backlog=0)
            return [server, socket.create_connection(server.getsockname())]


def end_by_exception() -> None:
    """Let a signal end this process as Ctrl-C does: all that was made is removed on the way out."""

    def stop(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def remove_leftovers() -> None:
    """Delete the namespaces of labs that were killed, and whose process is gone."""
    for namespace in Path("/run/netns").glob("weir-*-*"):
        if not Path("/proc", namespace.name.split("-")[1]).exists():
            subprocess.run(["ip", "netns", "delete", namespace.name], check=False)


@contextmanager
def entered(namespace: str) -> Iterator[None]:
    """Put this thread into *namespace*; sockets made there stay there."""
    with Path("/proc/thread-self/ns/net").open() as home:
        with Path(f"/run/netns/{namespace}").open() as there:
            os.setns(there.fileno(), os.CLONE_NEWNET)
        try:
            yield
        finally:
            os.setns(home.fileno(), os.CLONE_NEWNET)


def tap(interface: str) -> socket.socket:
    """Open *interface* for whole frames, both ways."""
    every_protocol = 0x0003
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(every_protocol))
    wire.bind((interface, every_protocol))
    return wire


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True)


def _complete_checksums(interface: str) -> None:
    value = ctypes.create_string_buffer(struct.pack("II", _ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP16x", interface.encode(), ctypes.addressof(value))
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCETHTOOL, request)
