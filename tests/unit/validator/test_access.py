"""Who is calling, by header, by body or by both."""

import pytest
from validator.access import bearer_token, client_by_header, known_client, require_same
from validator.problems import ProblemError
from validator.tokens import TokensUnreadableError


def client_of(token: str) -> str | None:
    """Know one token."""
    return "acme" if token == "right" else None


@pytest.mark.parametrize("header", ["Bearer right", "bearer right", "BEARER  right "])
def test_knows_a_client_by_the_header(header: str) -> None:
    """The scheme's case does not matter (RFC 9110, section 11.1)."""
    assert client_by_header(header, client_of) == "acme"


@pytest.mark.parametrize(
    "header", ["", "right", "Basic right", "Bearer", "Bearer ", "Bearer wrong"]
)
def test_refuses_a_header_that_names_no_client(header: str) -> None:
    """The answer says by which scheme to come back (RFC 6750)."""
    with pytest.raises(ProblemError, match="invalid-token") as refusal:
        client_by_header(header, client_of)

    assert 'error="invalid_token"' in refusal.value.headers["www-authenticate"]


def test_asks_for_a_token_where_there_is_none() -> None:
    """RFC 6750: no error code for a request without any credentials."""
    with pytest.raises(ProblemError, match="missing-token") as refusal:
        client_by_header(None, client_of)

    assert refusal.value.headers["www-authenticate"] == 'Bearer realm="weir"'


@pytest.mark.parametrize("token", [None, 5, True, ["right"], {"right": 1}, "wrong", ""])
def test_refuses_a_token_of_any_other_kind(token: object) -> None:
    """The body's token may be any JSON value."""
    with pytest.raises(ProblemError, match="invalid-token"):
        known_client(token, client_of)


@pytest.mark.parametrize("body_token", ["other", 5, None, "t\u00f6ken", "\ud800"])
def test_refuses_two_tokens_that_differ(body_token: object) -> None:
    """One of them is not the sender's."""
    with pytest.raises(ProblemError, match="invalid-token"):
        require_same("token", body_token)


def test_takes_the_same_token_twice() -> None:
    """A sender may set the header for every request, and the body as well."""
    require_same("t\u00f6ken", "t\u00f6ken")

    assert bearer_token("Bearer t\u00f6ken") == "t\u00f6ken"


def test_is_out_of_service_while_no_token_can_be_read() -> None:
    """A 401 would tell a sender to change a token that is right."""

    def unreadable(_: str) -> str | None:
        raise TokensUnreadableError

    with pytest.raises(ProblemError, match="unavailable"):
        known_client("right", unreadable)
