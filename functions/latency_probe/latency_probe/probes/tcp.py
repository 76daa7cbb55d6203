"""A TCP handshake, timed by the kernel's own clock."""

import errno
import select
import socket
import struct
from time import perf_counter

from .failure import failure, pending_error, report_icmp_errors
from .reply import Endpoint, Reply, Source, Status

# Offsets in struct tcp_info (linux/tcp.h), which only ever grows at its end.
RTT_MICROSECONDS, TOTAL_RETRANSMISSIONS, TCP_INFO_SIZE = 68, 100, 104

# Close by reset: no TIME_WAIT uses up local ports, and the target forgets the connection.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def probe(endpoint: Endpoint, timeout_seconds: float) -> Reply:
    """Shake hands with *endpoint* once and hang up; raise nothing for what the network does.

    A handshake is timed by the kernel (``TCP_INFO``), a refusal by the user's clock.
    """
    try:
        with socket.socket(endpoint.family, socket.SOCK_STREAM) as connection:
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            report_icmp_errors(connection)
            return _handshake(connection, endpoint, timeout_seconds)
    except OSError as error:  # out of descriptors, or a family that this host does not have
        return Reply(Status.LOCAL_ERROR, error=str(error))


def _handshake(connection: socket.socket, endpoint: Endpoint, timeout_seconds: float) -> Reply:
    events = select.poll()
    events.register(connection, select.POLLOUT)

    started = perf_counter()
    error = connection.connect_ex(endpoint.address)
    answered = error != errno.EINPROGRESS or events.poll(timeout_seconds * 1000)
    waited = perf_counter() - started
    if error == errno.EINPROGRESS:
        error = pending_error(connection) if answered else errno.ETIMEDOUT

    kernel_seconds, retransmissions = _tcp_info(connection)
    if retransmissions:
        return failure(errno.ETIMEDOUT)  # the first packet, the one that was timed, is lost
    if kernel_seconds:
        return Reply(Status.OK, kernel_seconds, Source.KERNEL, waited - kernel_seconds)
    if error == errno.ECONNREFUSED:
        return Reply(Status.REFUSED, waited, Source.USER, error="Connection refused")
    if not error:  # a handshake below the kernel's microsecond
        return Reply(Status.OK, waited, Source.USER)
    return failure(error)


def _tcp_info(connection: socket.socket) -> tuple[float, int]:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_SIZE)
    (rtt,) = struct.unpack_from("=I", info, RTT_MICROSECONDS)
    (retransmissions,) = struct.unpack_from("=I", info, TOTAL_RETRANSMISSIONS)
    return rtt / 1_000_000, retransmissions
