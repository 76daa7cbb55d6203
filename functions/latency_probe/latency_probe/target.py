"""A target of probes: a host and a port, as a person writes them."""

import re
import socket
from typing import NamedTuple

# ASCII only, since a target is the value of a CloudWatch dimension; other scripts as punycode.
NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})")
PORT = re.compile(r"[0-9]{1,5}")


class TargetError(ValueError):
    """The text is not a target; the message says how to write one."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(
            f"{text!r} is not a target ({reason}); write host:port or [IPv6 address]:port"
        )


class Target(NamedTuple):
    """A host (a name, or an address without brackets) and a TCP port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Return the target of ``host:port`` or ``[v6]:port``, or raise `TargetError`."""
        bracketed = text.startswith("[")
        host, separator, port = text.removeprefix("[").rpartition("]:" if bracketed else ":")
        if not separator:
            raise TargetError(text, "the port is missing")
        if not PORT.fullmatch(port) or not 1 <= int(port) <= 65535:
            raise TargetError(text, "a port is a number from 1 to 65535")
        address, percent, zone = host.partition("%")
        if bracketed and not _is_address(socket.AF_INET6, address):
            raise TargetError(text, "the brackets hold no IPv6 address")
        if bracketed and percent and not NAME.fullmatch(zone):
            raise TargetError(text, "the IPv6 zone has other characters than a network interface")
        if not bracketed and ":" in host:
            raise TargetError(text, "an IPv6 address needs brackets")
        if not bracketed and not NAME.fullmatch(host):
            raise TargetError(text, "the host is no name and no address")
        return cls(host, int(port))

    @property
    def is_address(self) -> bool:
        """Whether the host is an address already and needs no look-up."""
        return ":" in self.host or _is_address(socket.AF_INET, self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_targets(text: str) -> tuple[Target, ...]:
    """Return each target of a comma-separated list once; raise `TargetError` if it is empty."""
    words = [word.strip() for word in text.split(",")]
    targets = dict.fromkeys(Target.parse(word) for word in words if word)
    if not targets:
        raise TargetError(text, "the list is empty")
    return tuple(targets)


def _is_address(family: socket.AddressFamily, text: str) -> bool:
    try:
        socket.inet_pton(family, text)
    except OSError:
        return False
    return True
