"""Client entries in use: a leaked token does one thing, and one entry touches one client."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.integration.validator.conftest import SECRET, TOKEN, Api, post
from tests.integration.validator.edge import Edge
from tests.support.execution import Function

NEW_TOKEN = f"new-{SECRET}-acme"
GOOD = '{"data":{"email_timestream":"0"}}'
KEY = {"idempotency-key": "order-4711"}
CACHE_SECONDS = 240


def kept(token: str, days: float = 100) -> dict[str, str]:
    """Return a token as an entry keeps it, that lives for some *days*."""
    expires_at = datetime.now(UTC) + timedelta(days=days)
    return {"sha256": sha256(token.encode()).hexdigest(), "expires_at": expires_at.isoformat()}


def entry(*tokens: dict[str, str], **changes: Any) -> str:
    """Return the entry of a client that may do everything, but for *changes*."""
    everything = {
        "tokens": tokens or [kept(TOKEN)],
        "contracts": ["*"],
        "rights": ["send", "look-up", "metrics"],
        "suspended": False,
    }
    return json.dumps(everything | changes)


def bearing(token: str, **headers: str) -> dict[str, Any]:
    """Return a POST of a message with *token*."""
    event = post(GOOD)
    event["headers"] |= {"authorization": f"Bearer {token}", **headers}
    return event


def write(api: Api, **values: str) -> None:
    """Write entries, and wait until they are read again."""
    api.edge.tokens.update(values)
    api.wait(CACHE_SECONDS)


def look_up(contract: str, message_id: str) -> dict[str, Any]:
    """Return a look-up."""
    return post("", f"/messages/{contract}/{message_id}") | {
        "routeKey": "GET /messages/{contract}/{message_id}",
        "pathParameters": {"contract": contract, "message_id": message_id},
    }


def queued_lines(api: Api) -> list[dict[str, Any]]:
    """Return the log lines of the last request that name a client."""
    lines = [json.loads(line) for line in api.log.getvalue().splitlines() if line[:1] == "{"]
    return [line for line in lines if "client" in line]


def test_same_key_before_and_after_a_rotation_is_one_message(api: Api) -> None:
    """A sender that changes its token between two tries of one message has sent one message."""
    first = api(bearing(TOKEN, **KEY))
    write(api, acme=entry(kept(TOKEN), kept(NEW_TOKEN)))  # as `make token` rotates
    second = api(bearing(NEW_TOKEN, **KEY))
    write(api, acme=entry(kept(NEW_TOKEN)))
    third = api(bearing(NEW_TOKEN, **KEY))
    old = api(bearing(TOKEN, **KEY))

    assert [first[0], second[0], third[0], old[0]] == [202, 202, 202, 401]
    assert first[1]["message_id"] == second[1]["message_id"] == third[1]["message_id"]


def test_a_suspended_client_is_refused_within_the_caches_time(api: Api) -> None:
    """And is served again within it."""
    write(api, acme=entry())
    before = api(post(GOOD))[0]

    write(api, acme=entry(suspended=True))
    suspended, problem = api(post(GOOD))

    write(api, acme=entry())
    after = api(post(GOOD))[0]

    assert (before, suspended, after) == (202, 403, 202)
    assert problem["type"] == "urn:weir:problem:client-suspended"
    assert len(api.edge.queued) == 2


@pytest.mark.parametrize("token_in", ["header", "body"])
@pytest.mark.parametrize("path", ["/messages/timestamped", "/messages/timestamped/batch"])
def test_a_client_of_one_contract_is_refused_elsewhere(api: Api, path: str, token_in: str) -> None:
    """Whatever is in the body, and wherever the token is."""
    write(api, acme=entry(contracts=["email"]))
    event = post(GOOD, path)
    if token_in == "body":
        del event["headers"]["authorization"]
        event["body"] = GOOD.replace("{", f'{{"token":"{TOKEN}",', 1)

    status, problem = api(event)

    assert (status, problem["type"]) == (403, "urn:weir:problem:not-allowed")
    assert "email" in problem["detail"]
    assert api.edge.queued == []


def test_a_client_of_one_contract_sends_and_looks_up_under_it(api: Api) -> None:
    """The limit is one, not the end; an unknown contract is no way around it."""
    write(api, acme=entry(contracts=["timestamped"]))

    status, receipt = api(post(GOOD))
    own = api(look_up("timestamped", receipt["message_id"]))[0]
    other = api(look_up("email", receipt["message_id"]))[0]
    unknown = api(post(GOOD, "/messages/no-such"))[0]
    default = api(post(GOOD, "/"))[0]

    assert (status, own, other, unknown, default) == (202, 404, 403, 403, 403)


@pytest.mark.parametrize(
    ("rights", "sent", "looked_up"),
    [(["send"], 202, 403), (["look-up"], 403, 404), (["metrics"], 403, 403), ([], 403, 403)],
)
def test_each_right_gives_what_it_says(
    api: Api, rights: list[str], sent: int, looked_up: int
) -> None:
    """A leaked sender token can send, and nothing else."""
    write(api, acme=entry(rights=rights))
    event = look_up("timestamped", "019bc12b-c62b-7224-8417-f956ac7c599f")

    assert (api(post(GOOD))[0], api(event)[0]) == (sent, looked_up)


@pytest.mark.parametrize("value", ["{", '{"tokens": "5ecret"}', entry(suspend=True)])
def test_a_broken_entry_locks_out_its_client_alone(api: Api, value: str) -> None:
    """It is named in the log, without its content, and counted."""
    write(api, globex="token-of-globex")
    write(api, acme=value)

    mine = api(post(GOOD))[0]
    log = api.log.getvalue()
    other = api(bearing("token-of-globex"))[0]

    assert (mine, other) == (401, 202)
    assert re.search(r'"client entry broken".*"client": ?"acme"', log)
    assert '"ClientsUnreadable":[1.0]' in log


def test_an_expired_token_says_so(api: Api) -> None:
    """Its sender has to ask for another, which no other 401 tells; and the log says whose it is."""
    write(api, acme=entry(kept(TOKEN, days=-1), kept(NEW_TOKEN)))

    status, problem = api(post(GOOD))
    (line,) = queued_lines(api)
    other = api(bearing(NEW_TOKEN))[0]

    assert (status, problem["type"], other) == (401, "urn:weir:problem:expired-token", 202)
    assert (line["client"], line["reason"]) == ("acme", "expired-token")


def test_the_log_names_client_and_token_of_what_was_queued(api: Api) -> None:
    """By which an operator sees that the old token has fallen silent."""
    write(api, acme=entry(kept(TOKEN), kept(NEW_TOKEN)))

    api(bearing(NEW_TOKEN))

    (line,) = queued_lines(api)
    assert line["token_hash"] == sha256(NEW_TOKEN.encode()).hexdigest()[:8]
    assert line["message"] == "message queued"


@pytest.fixture
def authorize(start_api: Callable[[], Api]) -> Callable[[str | None], dict[str, Any]]:
    """Return the authorizer of a new execution environment."""
    api = start_api()  # it sets the environment, of which the authorizer needs a part
    authorizer = Function("authorizer")
    api.wait(CACHE_SECONDS)

    def call(token: str | None) -> dict[str, Any]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        context = {"http": {"method": "GET", "sourceIp": "192.0.2.10"}}
        event = {"routeKey": "GET /metrics", "headers": headers, "requestContext": context}
        answer: dict[str, Any] = authorizer(event)
        return answer

    return call


@pytest.mark.parametrize(
    ("changes", "authorized"),
    [
        ({"rights": ["metrics"], "contracts": []}, True),
        ({"rights": ["send", "look-up"]}, False),
        ({"suspended": True}, False),
        ({"tokens": [kept(TOKEN, days=-1)]}, False),
        ({"tokens": []}, False),
    ],
    ids=["metrics", "send and look-up", "suspended", "expired", "no token"],
)
def test_metrics_are_for_those_who_may_read_them(
    edge: Edge,
    authorize: Callable[[str | None], dict[str, Any]],
    changes: dict[str, Any],
    authorized: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A sender's token does not show the network."""
    edge.tokens["acme"] = entry(**changes)

    assert authorize(TOKEN)["isAuthorized"] is authorized
    assert authorize(None) == authorize("guess") == {"isAuthorized": False}
    assert SECRET not in capsys.readouterr().out


def canary_message(token: str) -> dict[str, Any]:
    """Return a POST of the canary's message."""
    event = post('{"data":{"sent_at":"2026-01-15T10:20:30.123+00:00"}}', "/messages/canary")
    event["headers"]["authorization"] = f"Bearer {token}"
    return event


def test_only_the_canary_sends_its_contract_and_counts_nowhere(api: Api) -> None:
    """A contract that no metric and no audit counts must be nobody else's."""
    write(api, canary=entry(kept(NEW_TOKEN), contracts=["canary"], rights=["send", "look-up"]))
    api(bearing(TOKEN))  # the minute's zeros are published with it

    refused, problem = api(canary_message(TOKEN))
    accepted, _ = api(canary_message(NEW_TOKEN))

    assert (refused, problem["type"].rpartition(":")[2]) == (403, "not-allowed")
    assert accepted == 202
    assert api.edge.queued[-1]["MessageAttributes"]["contract"]["StringValue"] == "canary"
    assert api.edge.queued[-1]["MessageAttributes"]["layout"]["StringValue"] == "message"
    assert "EnqueueTime" not in api.log.getvalue()
    assert "MessagesAccepted" not in api.log.getvalue()
    assert api(bearing(NEW_TOKEN))[0] == 403  # it may do nothing else


def test_a_refused_message_of_the_canary_counts_nowhere(api: Api) -> None:
    """The canary reports what it was answered, in its own metrics."""
    write(api, canary=entry(kept(NEW_TOKEN), contracts=["canary"], rights=["send", "look-up"]))
    api(bearing(TOKEN))

    status, _ = api(canary_message(NEW_TOKEN) | {"body": '{"data":{}}'})

    assert status == 422
    assert "MessagesRefused" not in api.log.getvalue()
