"""Who is calling, by header, by body or by both."""

import pytest
from validator.problems import ProblemError
from validator.tokens.access import Caller, bearer_token
from validator.tokens.store import TokensUnreadableError


def client_of(token: str) -> str | None:
    """Know one token."""
    return "acme" if token == "right" else None


@pytest.mark.parametrize("header", ["Bearer right", "bearer right", "BEARER  right "])
def test_knows_a_client_by_the_header(header: str) -> None:
    """The scheme's case does not matter (RFC 9110, section 11.1)."""
    assert Caller.by_header(header, client_of).confirmed() == "acme"


@pytest.mark.parametrize(
    "header", ["", "right", "Basic right", "Bearer", "Bearer ", "Bearer wrong"]
)
def test_refuses_a_header_that_names_no_client(header: str) -> None:
    """Before any body is read; the answer says by which scheme to come back (RFC 6750)."""
    with pytest.raises(ProblemError, match="invalid-token") as refusal:
        Caller.by_header(header, client_of)

    assert 'error="invalid_token"' in refusal.value.headers["www-authenticate"]


def test_knows_a_client_by_the_body() -> None:
    """Some senders cannot set a header."""
    assert Caller.by_header(None, client_of).confirmed("right") == "acme"


def test_asks_for_a_token_where_there_is_none() -> None:
    """RFC 6750: no error code for a request without any credentials."""
    with pytest.raises(ProblemError, match="missing-token") as refusal:
        Caller.by_header(None, client_of).confirmed()

    assert refusal.value.headers["www-authenticate"] == 'Bearer realm="weir"'


def test_refuses_an_unknown_token_in_the_body() -> None:
    """The body's token counts as much as the header's."""
    with pytest.raises(ProblemError, match="invalid-token"):
        Caller.by_header(None, client_of).confirmed("wrong")


def test_an_empty_token_is_nobodys() -> None:
    """It stands for a token that is not text, and is worth no look at the tokens."""
    with pytest.raises(ProblemError, match="invalid-token"):
        Caller.by_header(None, lambda _: "acme").confirmed("")


@pytest.mark.parametrize("body_token", ["other", "", "t\u00f6ken", "\ud800"])
def test_refuses_two_tokens_that_differ(body_token: str) -> None:
    """One of them is not the sender's."""
    caller = Caller.by_header("Bearer right", client_of)

    with pytest.raises(ProblemError, match="invalid-token"):
        caller.confirmed(body_token)


def test_takes_the_same_token_twice() -> None:
    """A sender may set the header for every request, and the body as well."""
    caller = Caller.by_header("Bearer t\u00f6ken", lambda _: "acme")

    assert caller.confirmed("t\u00f6ken") == "acme"


def test_shows_no_token() -> None:
    """What can be printed ends in a log one day."""
    assert "right" not in repr(Caller.by_header("Bearer right", client_of))


def test_reads_the_token_of_a_header() -> None:
    """The authorizer needs no more than this."""
    assert (bearer_token("Bearer right"), bearer_token(None)) == ("right", None)


def test_is_out_of_service_while_no_token_can_be_read() -> None:
    """A 401 would tell a sender to change a token that is right."""

    def unreadable(_: str) -> str | None:
        raise TokensUnreadableError

    with pytest.raises(ProblemError, match="unavailable"):
        Caller.by_header("Bearer right", unreadable)
