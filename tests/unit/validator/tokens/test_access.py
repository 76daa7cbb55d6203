"""Who is calling, by header, by body or by both, and whether it may."""

from typing import Any

import pytest
from validator.problems import ProblemError
from validator.tokens.access import Caller, admitted, bearer_token, signer
from validator.tokens.store import Identity, TokensUnreadableError

from tests.unit.validator.fakes import identity

ACME = identity("right")


def identify(token: str) -> Identity | None:
    """Know one token."""
    return ACME if token == "right" else None


def by_header(header: str | None, known: Any = identify) -> Caller:
    """Return the caller with this header, who wants to send an email."""
    return Caller.by_header(header, known, "send", "email")


@pytest.mark.parametrize("header", ["Bearer right", "bearer right", "BEARER  right "])
def test_knows_a_client_by_the_header(header: str) -> None:
    """The scheme's case does not matter (RFC 9110, section 11.1)."""
    assert by_header(header).confirmed() == ACME


@pytest.mark.parametrize(
    "header", ["", "right", "Basic right", "Bearer", "Bearer ", "Bearer wrong"]
)
def test_refuses_a_header_that_names_no_client(header: str) -> None:
    """Before any body is read; the answer says by which scheme to come back (RFC 6750)."""
    with pytest.raises(ProblemError, match="invalid-token") as refusal:
        by_header(header)

    assert 'error="invalid_token"' in refusal.value.headers["www-authenticate"]


def test_knows_a_client_by_the_body() -> None:
    """Some senders cannot set a header."""
    assert by_header(None).confirmed("right") == ACME


def test_asks_for_a_token_where_there_is_none() -> None:
    """RFC 6750: no error code for a request without any credentials."""
    with pytest.raises(ProblemError, match="missing-token") as refusal:
        by_header(None).confirmed()

    assert refusal.value.headers["www-authenticate"] == 'Bearer realm="weir"'


def test_refuses_an_unknown_token_in_the_body() -> None:
    """The body's token counts as much as the header's."""
    with pytest.raises(ProblemError, match="invalid-token"):
        by_header(None).confirmed("wrong")


def test_an_empty_token_is_nobodys() -> None:
    """It stands for a token that is not text, and is worth no look at the tokens."""
    with pytest.raises(ProblemError, match="invalid-token"):
        by_header(None, lambda _: ACME).confirmed("")


@pytest.mark.parametrize("body_token", ["other", "", "t\u00f6ken", "\ud800"])
def test_refuses_two_tokens_that_differ(body_token: str) -> None:
    """One of them is not the sender's."""
    caller = by_header("Bearer right")

    with pytest.raises(ProblemError, match="invalid-token"):
        caller.confirmed(body_token)


def test_takes_the_same_token_twice() -> None:
    """A sender may set the header for every request, and the body as well."""
    known = identity("t\u00f6ken")
    caller = by_header("Bearer t\u00f6ken", lambda _: known)

    assert caller.confirmed("t\u00f6ken") == known


def test_shows_no_token() -> None:
    """What can be printed ends in a log one day."""
    assert "a-token" not in repr(by_header("Bearer a-token", lambda _: identity("a-token")))


def test_reads_the_token_of_a_header() -> None:
    """The authorizer needs no more than this."""
    assert (bearer_token("Bearer right"), bearer_token(None)) == ("right", None)


def test_is_out_of_service_while_no_token_can_be_read() -> None:
    """A 401 would tell a sender to change a token that is right."""

    def unreadable(_: str) -> Identity | None:
        raise TokensUnreadableError

    with pytest.raises(ProblemError, match="unavailable"):
        by_header("Bearer right", unreadable)


REFUSED = {
    "expired": (identity("right", is_expired=True), 401, "expired-token", "invalid_token"),
    "suspended": (
        identity("right", is_suspended=True),
        403,
        "client-suspended",
        "insufficient_scope",
    ),
    "another right": (
        identity("right", rights=frozenset({"look-up", "metrics"})),
        403,
        "not-allowed",
        "insufficient_scope",
    ),
    "another contract": (
        identity("right", contracts=frozenset({"timestamped"})),
        403,
        "not-allowed",
        "insufficient_scope",
    ),
}


@pytest.mark.parametrize(("found", "status", "slug", "error"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("where", ["header", "body"])
def test_refuses_a_client_that_may_not(
    found: Identity, status: int, slug: str, error: str, where: str
) -> None:
    """Wherever its token is; the log names it, and the answer says which error it is (RFC 6750)."""
    header, body_token = ("Bearer right", None) if where == "header" else (None, "right")

    with pytest.raises(ProblemError) as refusal:
        by_header(header, lambda _: found).confirmed(body_token)

    problem = refusal.value
    assert (problem.kind.status, problem.kind.slug, problem.client) == (status, slug, "acme")
    assert f'error="{error}"' in problem.headers["www-authenticate"]


def test_says_what_the_client_may_do_instead() -> None:
    """Its sender can see at once whether code or entry is wrong."""
    limited = identity("right", rights=frozenset({"look-up"}), contracts=frozenset({"a", "b"}))

    with pytest.raises(ProblemError) as refusal:
        admitted(limited, "send", "a")

    assert "look-up" in refusal.value.document["detail"]
    assert "a, b" in refusal.value.document["detail"]


def test_a_right_without_a_contract_needs_none() -> None:
    """A scraper reads metrics, whatever contracts its entry names."""
    scraper = identity("right", rights=frozenset({"metrics"}), contracts=frozenset())

    assert admitted(scraper, "metrics") == scraper


def test_a_signer_is_known_by_its_signature() -> None:
    """As a client is by its token."""
    assert signer(lambda: ACME, "email") == ACME


def test_a_wrong_signature_is_refused() -> None:
    """Whoever guesses learns neither which clients there are nor how they sign."""
    with pytest.raises(ProblemError, match="invalid-signature") as refused:
        signer(lambda: None, "email")

    assert refused.value.kind.status == 401
    assert "www-authenticate" in refused.value.headers


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"is_suspended": True}, "client-suspended"),
        ({"rights": frozenset({"look-up"})}, "not-allowed"),
        ({"contracts": frozenset({"timestamped"})}, "not-allowed"),
    ],
)
def test_a_right_signature_gives_no_more_than_a_token(limits: dict[str, Any], problem: str) -> None:
    """Rights, contracts and suspension hold for both."""
    with pytest.raises(ProblemError, match=problem):
        signer(lambda: identity("right", **limits), "email")


def test_while_clients_cannot_be_read_nobody_is_refused_for_good() -> None:
    """A sender of webhooks tries again after a 503."""

    def find() -> Identity | None:
        raise TokensUnreadableError

    with pytest.raises(ProblemError, match="unavailable"):
        signer(find, "email")
