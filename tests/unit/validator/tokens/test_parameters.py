"""The entries in SSM: every page is read, and what cannot be used locks out one client alone."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from validator.tokens.entry import Client, client_of
from validator.tokens.parameters import TokenParameters
from validator.tokens.store import TokensUnreadableError

from tests.unit.validator.fakes import AtOnce, Clock, Warnings, refusal


class FakeSsm:
    """Parameters in pages; a page that is an error is raised."""

    def __init__(self, clock: Clock, *pages: Any) -> None:
        self._clock = clock
        self._pages = pages
        self.requests: list[dict[str, Any]] = []
        self.seconds = 0.0

    def get_paginator(self, operation: str) -> "FakeSsm":
        """Return what yields the pages."""
        assert operation == "get_parameters_by_path"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield each page after the time that it takes."""
        self.requests.append(request)
        for page in self._pages:
            self._clock.now += self.seconds
            if isinstance(page, Exception):
                raise page
            yield page


def page(*names: str, more: bool = False) -> dict[str, Any]:
    """Return one page, in which a token is its client's name with an exclamation mark."""
    found = [{"Name": f"/weir/tokens/{name}", "Value": f"{name}!"} for name in names]
    return {"Parameters": found, **({"NextToken": "x"} if more else {})}


def read(ssm: FakeSsm, clock: Clock, warn: Warnings) -> dict[str, Client | None]:
    """Return the clients that *ssm* gives."""
    return TokenParameters(cast("Any", ssm), "/weir/tokens", AtOnce(), clock, warn).read()


def plain(*names: str) -> dict[str, Client | None]:
    """Return the clients of `page`."""
    return {name: client_of(name, f"{name}!") for name in names}


def test_reads_every_page_decrypted(clock: Clock, warn: Warnings) -> None:
    """SSM gives ten parameters per page, and the tokens are encrypted."""
    ssm = FakeSsm(clock, page("acme", more=True), page("globex"))

    assert read(ssm, clock, warn) == plain("acme", "globex")
    assert ssm.requests == [{"Path": "/weir/tokens", "WithDecryption": True}]


def test_leaves_out_a_name_that_cannot_be_a_clients(clock: Clock, warn: Warnings) -> None:
    """One misnamed parameter must not lock out every other client."""
    clients = read(FakeSsm(clock, page("Acme", "globex")), clock, warn)

    assert clients == {"Acme": None, **plain("globex")}
    assert warn == [{"message": "client name refused", "client": "Acme"}]


def test_a_broken_entry_is_named_and_not_shown(clock: Clock, warn: Warnings) -> None:
    """It may hold a token where its hash should be."""
    broken = page("acme", "globex")
    broken["Parameters"][0]["Value"] = '{"tokens": ["s3cret"]}'

    clients = read(FakeSsm(clock, broken), clock, warn)

    assert clients == {"acme": None, **plain("globex")}
    assert warn == [{"message": "client entry broken", "client": "acme"}]


@pytest.mark.parametrize("answer", [refusal("AccessDenied"), {}, {"Parameters": [{}]}], ids=repr)
def test_says_so_if_ssm_does_not_give_them(clock: Clock, warn: Warnings, answer: Any) -> None:
    """Half of the clients would be locked out by half of the answer."""
    with pytest.raises(TokensUnreadableError):
        read(FakeSsm(clock, page("acme", more=True), answer), clock, warn)
    assert warn.messages() == ["tokens not read"]


def test_asks_for_no_further_page_after_two_seconds(clock: Clock, warn: Warnings) -> None:
    """A slow SSM must not end the authorizer, which may have tokens from before."""
    ssm = FakeSsm(clock, page("acme", more=True), page("globex", more=True), page("initech"))
    ssm.seconds = 1.5

    with pytest.raises(TokensUnreadableError):
        read(ssm, clock, warn)
    assert warn.messages() == ["tokens read too slowly"]
