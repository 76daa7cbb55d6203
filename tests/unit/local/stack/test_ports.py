"""The ports of a stack: several in a row, which all must be free."""

import socket
from collections.abc import Iterator

import pytest

from local.stack.local_stack import PORTS, StackError
from local.stack.ports import check_ports, is_free


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Listen on a port, so that nobody else can."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_taken_port_is_named(taken_port: int) -> None:
    """A person must know which port it is, and what to do about it."""
    with pytest.raises(StackError, match=rf"Port {taken_port} .* WEIR_PORT="):
        check_ports(taken_port)


def test_port_is_free_unless_a_server_has_it(taken_port: int) -> None:
    """Starting a second server there would fail, after minutes of building."""
    assert not is_free(taken_port)


@pytest.mark.parametrize("taken", range(4566, 4566 + PORTS))
def test_every_port_of_the_row_is_checked(taken: int) -> None:
    """The row is made up here, as other programs take and leave real ports at any time."""
    with pytest.raises(StackError, match=rf"Port {taken} "):
        check_ports(4566, lambda port: port != taken)


def test_row_of_free_ports_passes() -> None:
    """A neighbour's port is not the stack's business."""
    check_ports(4566, lambda port: port in range(4566, 4566 + PORTS))
