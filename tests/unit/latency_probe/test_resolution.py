"""Names and addresses of targets."""

import socket
from threading import Event
from time import perf_counter
from typing import Any

import pytest
from latency_probe.probes.reply import Endpoint
from latency_probe.resolution import ResolutionError, resolve
from latency_probe.target import Target

FOUND = [
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 5432)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.99", 5432)),
]


def test_a_name_gives_its_first_address() -> None:
    """The system has sorted them by what it can reach best."""
    endpoint = resolve(Target("db.internal", 5432), 1.0, lambda *_, **__: FOUND)

    assert endpoint == Endpoint(socket.AF_INET, ("192.0.2.1", 5432))


def test_a_name_is_never_resolved_to_a_family_that_the_host_lacks() -> None:
    """An IPv6 address first would make every target unreachable from an IPv4 subnet."""
    asked: list[dict[str, object]] = []

    def lookup(*_: object, **options: object) -> list[tuple[Any, ...]]:
        asked.append(options)
        return FOUND

    resolve(Target("db.internal", 5432), 1.0, lookup)

    assert asked == [{"type": socket.SOCK_STREAM, "flags": socket.AI_ADDRCONFIG}]


@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)]
)
def test_an_address_asks_nobody(host: str, family: int) -> None:
    """It must be usable on a host without any resolver."""
    endpoint = resolve(Target(host, 80), 0.0)

    assert (endpoint.family, endpoint.address[:2]) == (family, (host, 80))


def test_the_loopbacks_name_is_known_without_a_network() -> None:
    """The one name that every machine knows."""
    assert resolve(Target("localhost", 80), 5.0).address[0] in {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        UnicodeError("label too long"),
    ],
)
def test_what_the_resolver_says_reaches_the_caller(error: Exception) -> None:
    """Whoever reads it must know whether the name is wrong or the resolver is down."""

    def failing(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise error

    with pytest.raises(ResolutionError, match=str(error.args[-1])):
        resolve(Target("db.internal", 80), 1.0, failing)


def test_a_label_that_dns_has_no_room_for_is_a_resolution_error() -> None:
    """Python's own encoder refuses it with an error that is no OSError."""
    with pytest.raises(ResolutionError):
        resolve(Target("a" * 64 + ".invalid", 80), 5.0)


def test_a_silent_resolver_is_left_behind() -> None:
    """The system's resolver may take tens of seconds to give up."""
    answered = Event()

    def silent(*_: object, **__: object) -> list[tuple[Any, ...]]:
        answered.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    started = perf_counter()
    with pytest.raises(ResolutionError, match=r"no answer within 0\.05 s"):
        resolve(Target("db.internal", 80), 0.05, silent)
    elapsed = perf_counter() - started

    answered.set()
    assert elapsed < 5
