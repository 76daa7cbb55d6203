"""The API as the canary calls it, on real sockets."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from canary.api import Api, read_tokens
from canary.message import UnprovenError

from tests.support.edge import EdgeConnection, serving

ID = "019bc12b-c62b-7224-8417-f956ac7c599f"
MOMENT = datetime(2026, 1, 15, 10, 20, 30, 123000, UTC)
NAME = "/weir/x/tokens/canary"


class Server(EdgeConnection):
    """Knows some tokens, and answers with what it is told to."""

    known: set[str]
    status: int
    content: bytes
    requests: list[tuple[str, str, bytes]]

    def do_GET(self) -> None:
        """Answer a request."""
        token = self.headers["Authorization"].removeprefix("Bearer ")
        length = int(self.headers["Content-Length"] or 0)
        self.requests.append((f"{self.command} {self.path}", token, self.rfile.read(length)))
        self.answer(self.status if token in self.known else 401, self.content)

    do_POST = do_GET


@pytest.fixture
def server() -> type[Server]:
    """Return a server that accepts."""
    Server.known, Server.status, Server.requests = {"right"}, 202, []
    Server.content = json.dumps({"message_id": ID}).encode()
    return Server


@pytest.fixture
def url(server: type[Server]) -> Iterator[str]:
    """Return the address of the server."""
    with serving(server) as address:
        yield address


def test_sends_as_any_client_does(server: type[Server], url: str) -> None:
    """One POST under its own contract, with the token in the header."""
    assert Api(url, ["right"]).send(MOMENT) == ID

    [(request, token, body)] = server.requests
    assert (request, token) == ("POST /messages/canary", "right")
    assert json.loads(body) == {"data": {"sent_at": "2026-01-15T10:20:30.123+00:00"}}


@pytest.mark.parametrize("known", [{"new"}, {"old"}, {"new", "old"}])
def test_a_rotation_is_not_seen(known: set[str], server: type[Server], url: str) -> None:
    """The validator learns of a new token within a minute; until then the old one works."""
    server.known = known

    assert Api(url, ["new", "old"]).send(MOMENT) == ID


def test_a_message_is_sent_once(server: type[Server], url: str) -> None:
    """A refusal is a verdict: to try again would hide it, and might store twice."""
    server.status = 503

    with pytest.raises(UnprovenError, match="503"):
        Api(url, ["right", "old"]).send(MOMENT)

    assert len(server.requests) == 1


def test_no_known_token_is_a_refusal(server: type[Server], url: str) -> None:
    """Each token is shown once; the text names none of them."""
    server.known = set()

    with pytest.raises(UnprovenError, match="not accepted: answered with 401"):
        Api(url, ["new", "old"]).send(MOMENT)

    assert [token for _, token, _ in server.requests] == ["new", "old"]


def test_a_redirect_does_not_carry_the_token_away(server: type[Server], url: str) -> None:
    """Whoever controls the target would get the canary's token."""
    server.status = 307

    with pytest.raises(UnprovenError, match="307"):
        Api(url, ["right"]).send(MOMENT)

    assert len(server.requests) == 1


def test_silence_is_named() -> None:
    """Nobody listens, as after a wrong CanaryAddress."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(UnprovenError, match="not answered: "):
        Api(f"http://127.0.0.1:{port}", ["right"]).send(MOMENT)


def test_looks_up_when_a_message_was_stored(server: type[Server], url: str) -> None:
    """The look-up is the reader's view: no right to the bucket is needed."""
    server.status, server.content = 200, b'{"stored_at": "2026-01-15T10:20:31.000Z"}'

    assert Api(url, ["right"]).stored_at(ID) == datetime(2026, 1, 15, 10, 20, 31, tzinfo=UTC)
    assert server.requests[0][0] == f"GET /messages/canary/{ID}"


def test_a_message_that_is_not_stored_is_no_fault_yet(server: type[Server], url: str) -> None:
    """Whether it is late, the judgement says."""
    server.status = 404

    assert Api(url, ["right"]).stored_at(ID) is None


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (503, b"{}"),
        (200, b"<html>"),
        (200, b"{}"),
        (404, b'{"type": "urn:weir:problem:not-traceable"}'),
    ],
)
def test_a_look_up_without_an_answer_is_named(
    status: int, content: bytes, server: type[Server], url: str
) -> None:
    """What cannot be looked up is not proven to be stored."""
    server.status, server.content = status, content

    with pytest.raises(UnprovenError, match=f"not looked up: answered with {status}"):
        Api(url, ["right"]).stored_at(ID)


class NotFoundError(ClientError):
    """SSM has no such parameter."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")


class FakeSsm:
    """Holds one value, or fails."""

    exceptions = SimpleNamespace(ParameterNotFound=NotFoundError)

    def __init__(self, value: str | Exception) -> None:
        self._value = value

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        """Return the value."""
        assert request == {"Name": NAME, "WithDecryption": True}
        if isinstance(self._value, Exception):
            raise self._value
        return {"Parameter": {"Value": self._value}}


def read(value: str | Exception, known: list[str]) -> list[str]:
    """Return the tokens that are read from *value*."""
    return read_tokens(FakeSsm(value), NAME, known)  # type: ignore[arg-type]


def test_shows_the_newest_token_first() -> None:
    """The older one is removed some day; the newer may not be known for a minute."""
    tokens = [{"token": token, "expires_at": None} for token in ("old", "new")]

    assert read(json.dumps({"tokens": tokens, "rights": ["send"]}), []) == ["new", "old"]


def test_takes_a_plain_token() -> None:
    """A rollback to 0.1.0 writes the plain form."""
    assert read("plain", []) == ["plain"]


@pytest.mark.parametrize(
    "failure", [NotFoundError(), EndpointConnectionError(endpoint_url="https://ssm")]
)
def test_known_tokens_outlive_ssm(failure: Exception) -> None:
    """The validator serves without SSM too; and a token that was removed must ring, as a 401."""
    assert read(failure, ["known"]) == ["known"]


def test_without_a_token_there_is_none() -> None:
    """Nobody has made one yet."""
    assert read(NotFoundError(), []) == []


def test_a_start_without_ssm_is_a_crash() -> None:
    """It must not be taken for a stack without a token: a silent canary rings."""
    with pytest.raises(EndpointConnectionError):
        read(EndpointConnectionError(endpoint_url="https://ssm"), [])
