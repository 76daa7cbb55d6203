"""The reason why a probe was not answered, from its error number and its ICMP error."""

import errno
import os
import socket
import struct

from .reply import Reply, Status

# Not in Python's socket module yet; from linux/in.h and linux/in6.h.
IP_RECVERR, IPV6_RECVERR = 11, 25
ORIGIN_ICMP = 2  # SO_EE_ORIGIN_ICMP of linux/errqueue.h
ICMP_PROHIBITED = {9, 10, 13}  # RFC 1812, 5.2.7.1: network, host, communication prohibited

STATUS_OF_ERRNO = {
    errno.ECONNREFUSED: Status.REFUSED,
    errno.ETIMEDOUT: Status.TIMEOUT,
    errno.EHOSTUNREACH: Status.HOST_UNREACHABLE,
    errno.EHOSTDOWN: Status.HOST_UNREACHABLE,
    errno.ENONET: Status.HOST_UNREACHABLE,
    errno.ENETUNREACH: Status.NET_UNREACHABLE,
    errno.ENETDOWN: Status.NET_UNREACHABLE,
    errno.EACCES: Status.PROHIBITED,
    errno.EPERM: Status.PROHIBITED,
}


def report_icmp_errors(sock: socket.socket) -> None:
    """Make *sock* fail as soon as an ICMP error arrives, and keep the error for `failure`."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)


def failure(number: int, sock: socket.socket | None = None) -> Reply:
    """Return the reply for error *number*; *sock* adds its queued ICMP error."""
    status = STATUS_OF_ERRNO.get(number, Status.LOCAL_ERROR)
    if status is Status.HOST_UNREACHABLE and sock is not None and _prohibited(sock):
        status = Status.PROHIBITED
    return Reply(status, error=os.strerror(number))


def _prohibited(sock: socket.socket) -> bool:
    # IPv4 alone needs this: its "administratively prohibited" and "host unreachable" share one
    # error number, while IPv6 has EACCES for the first.
    try:
        messages = sock.recvmsg(0, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)[1]
    except OSError:
        return False
    for level, kind, data in messages:
        if (level, kind) == (socket.IPPROTO_IP, IP_RECVERR):
            _, origin, _, code = struct.unpack_from("=IBBB", data)
            return origin == ORIGIN_ICMP and code in ICMP_PROHIBITED
    return False
