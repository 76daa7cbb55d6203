"""A path with a known delay and a known loss, where the kernel has no sch_netem."""

import os
import select
import socket
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from multiprocessing import get_context
from random import Random
from time import monotonic
from types import TracebackType
from typing import Self

_IPV4, _ICMP, _TCP = b"\x08\x00", 1, 6
_SYN_ALONE, _ECHO_REQUEST = 0x02, 8


class Forwarder:
    """Carries frames between two wires in a process of its own, until it is left."""

    def __init__(
        self, wires: tuple[socket.socket, socket.socket], delay_seconds: float, loss: float
    ) -> None:
        self._wires = wires
        arguments = (*wires, delay_seconds / 2, loss)
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
    to_probe: socket.socket, to_target: socket.socket, delay_seconds: float, loss: float
) -> None:
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
            if wire is to_probe and _is_probe(frame) and dice.random() < loss:
                continue
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
