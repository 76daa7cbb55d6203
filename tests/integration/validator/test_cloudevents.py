"""CloudEvents: what the SDKs send is stored, and answered as the field expects it."""

import base64
import json
from hashlib import sha256
from typing import Any

import pytest

from tests.integration.validator.conftest import Api, exactly, post
from tests.integration.validator.edge import Edge
from tests.support.webhooks import EVENTS, Sent, new_binary, new_structured

DATA = {"id": "1", "email_timestream": "0", "name": "Zo\u00eb \U0001f600", "number": 1.5}
PATHS = ["/", "/messages/any-object"]


def event(
    sent: Sent, path: str = "/messages/timestamped", *, as_text: bool = True
) -> dict[str, Any]:
    """Return the event of an SDK's request, with the client's token added."""
    headers, body = sent
    text = body.decode() if as_text else base64.b64encode(body).decode()
    made = post(text, path, is_base64=not as_text)
    made["headers"] = {"authorization": made["headers"]["authorization"]}
    made["headers"] |= {name.lower(): value for name, value in headers.items()}
    return made


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "base64"])
@pytest.mark.parametrize("mode", EVENTS)
def test_what_the_sdks_send_is_queued(api: Api, mode: str, as_text: bool) -> None:
    """The data are the message, with every attribute beside it."""
    response = api.response(event(EVENTS[mode](DATA), as_text=as_text))

    assert (response["statusCode"], response["body"]) == (202, "")
    [sent] = api.edge.queued
    assert exactly(sent["MessageBody"]) == exactly(json.dumps(DATA))
    receipt = response["headers"]
    message_id = sent["MessageAttributes"]["message_id"]["StringValue"]
    assert receipt["weir-message-id"] == message_id
    assert receipt["location"] == f"/messages/timestamped/{message_id}"
    attributes = json.loads(sent["MessageAttributes"]["context"]["StringValue"])["cloudevent"]
    assert {name: attributes[name] for name in ("id", "source", "type", "specversion")} == {
        "id": "1",
        "source": "/mycontext",
        "type": "com.example.someevent",
        "specversion": "1.0",
    }
    assert attributes["subject"].startswith("Euro")
    assert "time" in attributes


def ids_of(api: Api, *sent: dict[str, Any]) -> list[str]:
    """Return the id that each is answered with."""
    return [api.response(each)["headers"]["weir-message-id"] for each in sent]


def key_events(api: Api, edge: Edge) -> None:
    """Let source and id of the client's events be their idempotency key."""
    digest = sha256(edge.tokens["acme"].encode()).hexdigest()
    edge.tokens["acme"] = json.dumps(
        {
            "tokens": [{"sha256": digest, "expires_at": None}],
            "contracts": ["*"],
            "rights": ["send"],
            "suspended": False,
            "keyed_events": True,
        }
    )
    api.wait(300)


def test_source_and_id_are_a_key_where_the_entry_says_so(api: Api, edge: Edge) -> None:
    """Sent again in either mode it is one message; another id is another."""
    again = event(new_binary(DATA)), event(new_structured(DATA)), event(new_binary(DATA))
    assert len(set(ids_of(api, *again))) == 3
    key_events(api, edge)
    other = event(new_binary(DATA | {"id": "2"}))
    with_key = event(new_binary(DATA))
    with_key["headers"]["idempotency-key"] = "1"

    first, second, third, fourth, fifth = ids_of(api, *again, other, with_key)

    assert first == second == third
    assert len({first, fourth, fifth}) == 3


def test_another_event_under_the_same_source_and_id_is_a_conflict(api: Api, edge: Edge) -> None:
    """As with any idempotency key."""
    key_events(api, edge)

    assert api.response(event(new_binary(DATA)))["statusCode"] == 202
    status, problem = api(event(new_binary(DATA | {"name": "other"})))
    assert (status, problem["type"]) == (409, "urn:weir:problem:idempotency-conflict")


@pytest.mark.parametrize("mode", EVENTS)
def test_an_event_needs_a_token_in_its_header(api: Api, mode: str) -> None:
    """Nothing of it is read without one."""
    made = event(EVENTS[mode](DATA))
    del made["headers"]["authorization"]
    made["body"] = "{" * 100_000

    status, problem = api(made)

    assert (status, problem["type"]) == (401, "urn:weir:problem:missing-token")


def test_a_wrong_attribute_is_a_problem_before_the_receipt(api: Api) -> None:
    """A sender that reads it knows which one."""
    headers, body = new_binary(DATA)

    status, problem = api(event(({**headers, "ce-subject": "%FF"}, body)))

    assert (status, problem["errors"][0]["pointer"]) == (422, "/subject")
    assert not api.edge.queued


def test_a_batch_of_events_is_refused_with_a_sentence(api: Api) -> None:
    """On the routes for one message as on that for many."""
    headers = {"content-type": "application/cloudevents-batch+json"}
    for path in ("/", "/messages/timestamped", "/messages/timestamped/batch"):
        status, problem = api(event((headers, b"[]"), path))
        assert status == 415
        assert "one by one" in problem["detail"]


def test_the_default_contract_takes_events_too(api: Api) -> None:
    """At the address that has no contract in it."""
    email = {
        "email_subject": "s",
        "email_sender": "s",
        "email_timestream": "0",
        "email_content": "c",
    }
    headers, _ = new_binary(DATA)

    response = api.response(event((headers, json.dumps(email).encode()), "/"))

    assert (response["statusCode"], response["headers"]["weir-contract"]) == (202, "email")


@pytest.mark.parametrize("path", PATHS)
def test_a_sender_that_asks_first_may_send(api: Api, path: str) -> None:
    """Event Grid does before it sends the first event; without a token."""
    asked = post("", path)
    route = "/messages/{contract}" if path != "/" else path
    asked["routeKey"] = f"OPTIONS {route}"
    asked["requestContext"]["http"]["method"] = "OPTIONS"
    asked["headers"] = {
        "webhook-request-origin": "eventgrid.azure.net",
        "webhook-request-rate": "120",
        "webhook-request-callback": "https://192.0.2.1/never-called",
    }

    response = api.response(asked)

    assert response["statusCode"] == 200
    assert response["headers"]["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert response["headers"]["webhook-allowed-rate"] == "*"
    del asked["headers"]["webhook-request-origin"]
    assert api(asked)[0] == 405


def test_a_trace_is_kept_beside_any_message(api: Api) -> None:
    """And the one in an event's attributes is another: that of its first hop."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    first = trace.replace("4bf9", "5bf9")
    body = json.dumps({"data": DATA})
    api(post(body, traceparent=trace, tracestate="a=b"))
    api(post(body, traceparent=trace.upper(), tracestate="a=b"))
    api(post(json.dumps({"data": [DATA]}), "/messages/timestamped/batch", traceparent=trace))
    headers, raw = new_binary(DATA)
    api.response(event(({**headers, "ce-traceparent": first, "traceparent": trace}, raw)))

    contexts = [
        json.loads(sent["MessageAttributes"].get("context", {"StringValue": "{}"})["StringValue"])
        for sent in api.edge.queued
    ]
    assert contexts[:3] == [
        {"traceparent": trace, "tracestate": "a=b"},
        {},
        {"traceparent": trace},
    ]
    assert contexts[3]["traceparent"] == trace
    assert contexts[3]["cloudevent"]["traceparent"] == first
