"""The reason why a probe was not answered, from its error number and its ICMP error."""

import errno
import os
import socket
import struct

from .reply import Reply, Status

# Not in Python's socket module yet; from linux/in.h and linux/in6.h.
IP_RECVERR, IPV6_RECVERR = 11, 25
QUEUED_ERRORS = ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR))
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
    """Make *sock* fail as soon as an ICMP error arrives, and keep it for `pending_error`."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)


def pending_error(sock: socket.socket) -> int:
    """Return the number of the error that *sock* failed with, or 0.

    Read the queue of ICMP errors first: the kernel fills it and wakes `poll` before it sets
    SO_ERROR, so SO_ERROR alone would sometimes turn a router's refusal into an answer.
    """
    return queued_icmp_error(sock) or sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def queued_icmp_error(sock: socket.socket) -> int:
    """Return the error number of the ICMP error that *sock* has queued, or 0.

    For IPv4, "administratively prohibited" and "host unreachable" share one number. The code tells
    them apart; the first becomes EACCES, as in IPv6.
    """
    try:
        messages = sock.recvmsg(0, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)[1]
    except OSError:
        return 0
    for level, kind, data in messages:
        if (level, kind) in QUEUED_ERRORS:
            number, origin, _, code = struct.unpack_from("=IBBB", data)
            prohibited = origin == ORIGIN_ICMP and code in ICMP_PROHIBITED
            return errno.EACCES if prohibited else int(number)
    return 0


def failure(number: int) -> Reply:
    """Return the reply for error *number*."""
    return Reply(STATUS_OF_ERRNO.get(number, Status.LOCAL_ERROR), error=os.strerror(number))
