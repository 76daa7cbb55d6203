"""The truth: when each probe left and its answer came, by the kernel's stamps on the packets."""

import socket
import struct
from types import TracebackType
from typing import NamedTuple, Self

from .network import Network, entered, tap

_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_ICMP, _TCP = 1, 6
_SYN, _SYN_ACK, _ECHO_REQUEST, _ECHO_REPLY = 0x02, 0x12, 8, 0


class Packet(NamedTuple):
    """A probe or its answer: both have the same key."""

    key: tuple[int, ...]
    port: int
    is_probe: bool


class Capture:
    """Records what passes the probe's interface while it is entered."""

    def __init__(self, network: Network) -> None:
        with entered(network.probe):
            self._wire = tap("probe0")
        self._wire.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 64 << 20)
        self._wire.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._wire.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.close()

    def round_trips(self, port: int | None = None) -> list[float | None]:
        """Return each probe's round trip in seconds, in the order sent; None for a lost one.

        A probe that TCP sent again was lost. On a busy machine the prober may wake up so late that
        the kernel has sent the second SYN, and the answer to that one does not count.
        """
        sent: dict[tuple[int, ...], float] = {}
        answered: dict[tuple[int, ...], float] = {}
        resent: set[tuple[int, ...]] = set()
        for seconds, frame in self._frames():
            packet = _read(frame)
            if packet is None or port not in {None, packet.port}:
                continue
            if not packet.is_probe:
                answered.setdefault(packet.key, seconds)
            elif packet.key in sent:
                resent.add(packet.key)
            else:
                sent[packet.key] = seconds
        known = answered.keys() - resent
        return [answered[key] - sent[key] if key in known else None for key in sent]

    def _frames(self) -> list[tuple[float, bytes]]:
        frames: list[tuple[float, bytes]] = []
        while True:
            try:
                frame, messages, *_ = self._wire.recvmsg(256, 64)
            except BlockingIOError:
                return frames
            (stamp,) = (data for _, kind, data in messages if kind == _SO_TIMESTAMPNS)
            seconds, nanoseconds = struct.unpack("qq", stamp)
            # Whole seconds since 1970 would leave a float no room for nanoseconds.
            frames.append((seconds % 100_000 + nanoseconds / 1e9, frame))


def _read(frame: bytes) -> Packet | None:
    if frame[12:14] != b"\x08\x00":
        return None
    protocol, payload = frame[23], frame[14 + 4 * (frame[14] & 0x0F) :]
    if protocol == _TCP:
        source, destination, sequence, acknowledged = struct.unpack_from("!HHII", payload)
        flags = payload[13] & 0x3F
        if flags == _SYN:
            return Packet((source, sequence), destination, True)
        if flags == _SYN_ACK:
            return Packet((destination, (acknowledged - 1) % 2**32), source, False)
    if protocol == _ICMP and payload[0] in {_ECHO_REQUEST, _ECHO_REPLY}:
        return Packet(struct.unpack_from("!HH", payload, 4), 0, payload[0] == _ECHO_REQUEST)
    return None
