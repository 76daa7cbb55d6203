"""A path with a known delay and a known loss, where the kernel has no sch_netem."""

import os
import select
import signal
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from multiprocessing import get_context
from random import Random
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

_IPV4, _ICMP, _TCP = b"\x08\x00", 1, 6
_SYN_ALONE, _SYN_ACK, _ECHO_REQUEST = 0x02, 0x12, 8
_SEGMENT_SIZE = b"\x02\x04"  # a TCP option and its length


class Link(NamedTuple):
    """What a frame meets: a delay and a random one up to *jitter*, both ways together.

    A part of the probes is lost, and segments are clamped to *segment* bytes, as a tunnel does.
    """

    delay_seconds: float
    loss: float = 0
    jitter_seconds: float = 0
    segment: int | None = None


class Forwarder:
    """Carries frames between two wires in a process of its own, until it is left.

    All frames take the same path, but for those of the *detours*, by the target's port.
    """

    def __init__(
        self,
        wires: tuple[socket.socket, socket.socket],
        path: Link,
        detours: Mapping[int, Link] | None = None,
    ) -> None:
        self._wires = wires
        arguments = (*wires, path, detours or {})
        self._process = get_context("fork").Process(target=_forward, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()
        for wire in self._wires:
            wire.close()


def _forward(
    to_probe: socket.socket, to_target: socket.socket, path: Link, detours: Mapping[int, Link]
) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the lab, which ends this process
    # Ahead of whatever keeps the machine busy: the lab is about the probe, not about the path.
    with suppress(PermissionError):  # without it the path is rougher, and the truth still the truth
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    other_end = {to_probe: to_target, to_target: to_probe}
    dice, order = Random(59), count()  # noqa: S311 - the same losses each time
    waiting: list[tuple[float, int, socket.socket, bytes]] = []
    while True:
        pause = max(0.0, waiting[0][0] - monotonic()) if waiting else None
        for wire in select.select(list(other_end), [], [], pause)[0]:
            frame, (_, _, direction, *_) = wire.recvfrom(65536)
            if direction == socket.PACKET_OUTGOING:
                continue  # what was just sent here, not what arrived
            taken = next((detours[port] for port in _ports(frame) if port in detours), path)
            if wire is to_probe and _is_probe(frame) and dice.random() < taken.loss:
                continue
            if taken.segment and wire is to_target:
                frame = _clamped(frame, taken.segment)
            delay_seconds = (taken.delay_seconds + dice.uniform(0, taken.jitter_seconds)) / 2
            heappush(waiting, (monotonic() + delay_seconds, next(order), other_end[wire], frame))
        while waiting and waiting[0][0] <= monotonic():
            _, _, wire, frame = heappop(waiting)
            wire.send(frame)


def _is_probe(frame: bytes) -> bool:
    if frame[12:14] != _IPV4:
        return False
    protocol, payload = frame[23], 14 + 4 * (frame[14] & 0x0F)
    if protocol == _TCP:
        return frame[payload + 13] & 0x3F == _SYN_ALONE
    return protocol == _ICMP and frame[payload] == _ECHO_REQUEST


def _ports(frame: bytes) -> tuple[int, ...]:
    if frame[12:14] != _IPV4 or frame[23] != _TCP:
        return ()
    ports: tuple[int, int] = struct.unpack_from("!HH", frame, 14 + 4 * (frame[14] & 0x0F))
    return ports


def _clamped(frame: bytes, segment: int) -> bytes:
    """Return *frame*; if it is a SYN-ACK, with a segment size of at most *segment* announced."""
    start = 14 + 4 * (frame[14] & 0x0F)
    option = start + 20  # Linux puts the segment size first
    if frame[start + 13] & 0x3F != _SYN_ACK or frame[option : option + 2] != _SEGMENT_SIZE:
        return frame
    (announced,) = struct.unpack_from("!H", frame, option + 2)
    (checksum,) = struct.unpack_from("!H", frame, start + 16)
    smaller = min(announced, segment)
    total = (~checksum & 0xFFFF) + (~announced & 0xFFFF) + smaller  # RFC 1624
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    changed = bytearray(frame)
    struct.pack_into("!H", changed, option + 2, smaller)
    struct.pack_into("!H", changed, start + 16, ~total & 0xFFFF)
    return bytes(changed)
