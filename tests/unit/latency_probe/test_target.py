"""Targets as people write them."""

import pytest
from latency_probe.target import Target, TargetError, parse_targets


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.90.0.5:7", "10.90.0.5", 7),
        ("db-1.internal:5432", "db-1.internal", 5432),
        ("localhost:65535", "localhost", 65535),
        ("[::1]:443", "::1", 443),
        ("[fe80::1%eth0]:80", "fe80::1%eth0", 80),
    ],
)
def test_a_target_reads_back_as_it_was_written(text: str, host: str, port: int) -> None:
    """The text is the value of a dimension, so it must not change on the way."""
    target = Target.parse(text)

    assert (target.host, target.port, str(target)) == (host, port, text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "port is missing"),
        ("localhost", "port is missing"),
        ("[::1]", "port is missing"),
        ("localhost:", "from 1 to 65535"),
        ("localhost:0", "from 1 to 65535"),
        ("localhost:65536", "from 1 to 65535"),
        ("localhost:+80", "from 1 to 65535"),
        ("localhost:٨٠", "from 1 to 65535"),
        ("localhost:http", "from 1 to 65535"),
        ("::1:80", "needs brackets"),
        ("[localhost]:80", "no IPv6 address"),
        ("[127.0.0.1]:80", "no IPv6 address"),
        ("[::1%é]:80", "IPv6 zone"),
        ("[::1%]:80", "IPv6 zone"),
        ("http://localhost:80", "needs brackets"),
        ("user@host:80", "no name"),
        ("a host:80", "no name"),
        ("-host:80", "no name"),
        ("bücher.example:80", "no name"),
        (":80", "no name"),
        ("host\n:80", "no name"),
    ],
)
def test_a_text_that_names_no_target_is_refused_with_the_reason(text: str, reason: str) -> None:
    """Whoever wrote it must be able to correct it without reading the code."""
    with pytest.raises(TargetError, match=reason):
        Target.parse(text)


def test_a_list_keeps_its_order_and_names_each_target_once() -> None:
    """Two series of one name would be an error in Prometheus."""
    targets = parse_targets("b:1, a:2,b:1,")

    assert [str(target) for target in targets] == ["b:1", "a:2"]


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_a_list_without_targets_is_refused(text: str) -> None:
    """A probe of nothing would stay silent for ever."""
    with pytest.raises(TargetError, match="the list is empty"):
        parse_targets(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:1", True), ("[::1]:1", True), ("localhost:1", False), ("127.1:1", False)],
)
def test_only_an_address_needs_no_resolver(text: str, expected: bool) -> None:
    """Addresses are used as they are, names are looked up."""
    assert Target.parse(text).is_address is expected
