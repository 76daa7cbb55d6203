"""A TCP handshake, timed by the kernel's own clock."""

import errno
import select
import socket
import struct
from time import perf_counter

from .failure import failure, pending_error, report_icmp_errors
from .reply import Endpoint, Reply, Segment, Source, Status

# struct tcp_info (linux/tcp.h), which only ever grows at its end: options, the segment size to
# send, the round trip in microseconds, the segment size announced, all retransmissions.
TCP_INFO = struct.Struct("=5xB10xI48xI12xI12xI")
TIMESTAMPS, TIMESTAMPS_SIZE = 1, 12  # the option, and its bytes in each segment
LARGEST_KNOWN_SEGMENT = 32_000  # the kernel cuts larger ones to half of the target's window

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

    kernel_seconds, retransmissions, segment = _tcp_info(connection)
    if retransmissions:
        return failure(errno.ETIMEDOUT)  # the first packet, the one that was timed, is lost
    if kernel_seconds:
        overhead = waited - kernel_seconds
        return Reply(Status.OK, kernel_seconds, Source.KERNEL, overhead, segment=segment)
    if error == errno.ECONNREFUSED:
        return Reply(Status.REFUSED, waited, Source.USER, error="Connection refused")
    if not error:  # a handshake below the kernel's microsecond
        return Reply(Status.OK, waited, Source.USER)
    return failure(error)


def _tcp_info(connection: socket.socket) -> tuple[float, int, Segment]:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO.size)
    options, size, rtt, announced, retransmissions = TCP_INFO.unpack(info)
    whole = size + TIMESTAMPS_SIZE * (options & TIMESTAMPS)
    is_limited = whole < min(announced, LARGEST_KNOWN_SEGMENT)
    return rtt / 1_000_000, retransmissions, Segment(size, "path" if is_limited else "host")
