"""An ICMP echo: icmplib sends it, the monotonic clock times it.

icmplib's own receiving and statistics stay unused: they read the wall clock, and report 0.0 ms
for a dead host.
"""

import errno
import select
import socket
from time import perf_counter, time

import icmplib

from .failure import failure, pending_error, report_icmp_errors
from .reply import Endpoint, Reply, Source, Status


def probe(endpoint: Endpoint, timeout_seconds: float) -> Reply:
    """Send *endpoint* one echo request; its port is not used."""
    make = icmplib.ICMPv6Socket if endpoint.family == socket.AF_INET6 else icmplib.ICMPv4Socket
    try:
        with make(privileged=False) as channel:
            report_icmp_errors(channel.sock)
            return _echo(channel, str(endpoint.address[0]), timeout_seconds)
    except icmplib.SocketPermissionError:
        return Reply(Status.LOCAL_ERROR, error="ICMP datagram sockets are not allowed here")
    except icmplib.ICMPSocketError as error:
        cause = error.__context__  # icmplib keeps the error number nowhere else
        if isinstance(cause, OSError) and cause.errno:
            return failure(cause.errno)
        return Reply(Status.LOCAL_ERROR, error=str(error))


def _echo(channel: icmplib.ICMPv4Socket, address: str, timeout_seconds: float) -> Reply:
    events = select.poll()
    events.register(channel.sock, select.POLLIN)
    request = icmplib.ICMPRequest(address, id=0, sequence=1)  # the kernel gives the id

    before = perf_counter()
    channel.send(request)
    # icmplib works on the packet for 0.1 ms and then notes the wall clock's time; the bounds hold
    # even if somebody sets that clock in between.
    after = perf_counter()
    sent = min(max(before, after - (time() - request.time)), after)
    if not events.poll(timeout_seconds * 1000):
        return failure(errno.ETIMEDOUT)
    waited = perf_counter() - sent

    # Readable means answered: the kernel delivers only replies that carry this socket's id.
    error = pending_error(channel.sock)
    return failure(error) if error else Reply(Status.OK, waited, Source.USER)
