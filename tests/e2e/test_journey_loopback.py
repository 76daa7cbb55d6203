"""A stack on one machine is heard on loopback alone, and speaks to nobody else."""

import ipaddress
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROC = Path("/proc")


def processes_of(session: int) -> Iterator[Path]:
    """Yield the processes of one session: whatever the stack started, workers included."""
    for process in PROC.glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session:
            yield process


def sockets_of(process: Path) -> set[str]:
    """Return the inodes of the sockets that *process* has open."""
    links = [str(link.readlink()) for link in (process / "fd").iterdir() if link.is_symlink()]
    return {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}


def ends(
    process: Path, inodes: set[str]
) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Yield the address at each end of those sockets that *process* listens or speaks on."""
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            state, inode = fields[3], fields[9]
            if inode in inodes:
                yield address(fields[1])
                if state != "0A":  # a listening socket has no other end
                    yield address(fields[2])


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address in *text*, which is 32-bit words of this machine's byte order."""
    words = bytes.fromhex(text.partition(":")[0])
    number = len(words) // 4
    packed = struct.pack(f">{number}I", *struct.unpack(f"={number}I", words))
    return ipaddress.ip_address(packed)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the sockets from Linux' /proc")
def test_every_socket_ends_on_loopback(own_stack: Any, stack: dict[str, str]) -> None:
    """A stack on a laptop in a café is nobody else's, and probes nobody else's machines."""
    if own_stack is None:
        pytest.skip("looks at the processes of a stack that the tests started")
    sessions = [int(file.read_text()) for file in own_stack.folder.glob("*.pid")]
    processes = [process for session in sessions for process in processes_of(session)]

    found = [end for process in processes for end in ends(process, sockets_of(process))]

    assert len(found) > len(sessions)
    assert [end for end in found if not end.is_loopback] == []
