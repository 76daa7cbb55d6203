"""Webhooks: unmodified senders are understood, and nobody else."""

import base64
import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.validator.conftest import Api, exactly
from tests.integration.validator.edge import Edge, never_answer, refuse
from tests.support.webhooks import SECRETS, WEBHOOKS, Sent, entry, github_webhook, standard_webhook

DATA = {
    "id": "evt_1",
    "object": "event",
    "name": "Zo\u00eb \U0001f600",
    "number": 12345678901234567890123,
}
OTHER_SECRET = "another secret of 5ecret"


def hook(
    sent: Sent, client: str = "", contract: str = "any-object", *, as_text: bool = True
) -> dict[str, Any]:
    """Return the event of a webhook as API Gateway makes it."""
    headers, body = sent
    text = body.decode("utf-8", "replace") if as_text else base64.b64encode(body).decode()
    return {
        "routeKey": "POST /webhooks/{client}/{contract}",
        "rawPath": f"/webhooks/{client}/{contract}",
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.10"}},
        "pathParameters": {"client": client, "contract": contract},
        "body": text,
        "isBase64Encoded": not as_text,
    }


@pytest.fixture(autouse=True)
def signers(edge: Edge) -> None:
    """Give each scheme a client of its name."""
    for scheme in WEBHOOKS:
        edge.tokens[scheme] = json.dumps(entry(scheme))


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "base64"])
@pytest.mark.parametrize("scheme", WEBHOOKS)
def test_unmodified_senders_are_understood(api: Api, scheme: str, as_text: bool) -> None:
    """Each sends three times, signs each time, and is stored once: under one id."""
    ids = set()
    for _ in range(3):
        status, receipt = api(hook(WEBHOOKS[scheme](DATA), scheme, as_text=as_text))
        assert status == 202
        ids.add(receipt["message_id"])

    assert len(ids) == 1
    sent = api.edge.queued[-1]
    assert exactly(sent["MessageBody"]) == exactly(json.dumps(DATA))
    assert sent["MessageAttributes"]["client"]["StringValue"] == scheme
    delivery = json.loads(sent["MessageAttributes"]["context"]["StringValue"])["delivery"]
    headers = WEBHOOKS[scheme](DATA)[0]
    known = {**headers, "stripe-signature": DATA["id"]}
    assert delivery["id"] in known.values()
    assert delivery.get("event") == headers.get("x-github-event")


@pytest.mark.parametrize("scheme", WEBHOOKS)
def test_another_body_under_a_delivery_id_is_the_same_delivery(api: Api, scheme: str) -> None:
    """It is answered with the first id, and the uploader stores the first."""
    _, first = api(hook(WEBHOOKS[scheme](DATA), scheme))
    status, second = api(hook(WEBHOOKS[scheme](DATA | {"name": "other"}), scheme))

    assert (status, second["message_id"]) == (202, first["message_id"])


@pytest.mark.parametrize("scheme", WEBHOOKS)
@pytest.mark.parametrize("client", [*WEBHOOKS, "acme", "nobody", "ACME", "\u00fc", ""])
def test_a_signature_opens_its_clients_route_alone(
    api: Api, edge: Edge, scheme: str, client: str
) -> None:
    """Also where another client has the same scheme."""
    edge.tokens["second"] = json.dumps(entry(scheme, OTHER_SECRET.replace(" ", "") + "xx"))

    for name in {client, "second"} - {scheme}:
        status, problem = api(hook(WEBHOOKS[scheme](DATA), name))
        assert (status, problem["type"]) == (401, "urn:weir:problem:invalid-signature")
    assert not edge.queued


def test_a_secret_is_changed_without_a_gap(api: Api, edge: Edge) -> None:
    """Old, both, new: as GitHub's settings take one secret, and Weir two."""
    old, new = github_webhook(DATA), github_webhook(DATA, OTHER_SECRET)

    assert [api(hook(each, "github"))[0] for each in (old, new)] == [202, 401]
    edge.tokens["github"] = json.dumps(entry("github", SECRETS["github"], OTHER_SECRET))
    api.wait(10)
    assert [api(hook(each, "github"))[0] for each in (new, old)] == [202, 202]
    edge.tokens["github"] = json.dumps(entry("github", OTHER_SECRET))
    api.wait(300)
    assert [api(hook(each, "github"))[0] for each in (new, old)] == [202, 401]


def test_the_log_names_the_secret_that_signed(api: Api) -> None:
    """By its hash, so that one sees when the old one has fallen silent."""
    api(hook(github_webhook(DATA), "github"))

    assert '"token_hash":"' in api.log.getvalue()
    assert SECRETS["github"] not in api.log.getvalue()


def test_a_client_with_a_token_signs_nothing(api: Api) -> None:
    """Its token does not stand for a secret."""
    assert api(hook(github_webhook(DATA, "token-5ecret-acme"), "acme"))[0] == 401


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"suspended": True}, 403),
        ({"contracts": ["email"]}, 403),
        ({"rights": ["look-up"]}, 403),
    ],
)
def test_a_signature_gives_what_the_entry_says(
    api: Api, edge: Edge, members: dict[str, Any], status: int
) -> None:
    """As a token does; a wrong signature learns nothing of it."""
    edge.tokens["github"] = json.dumps(entry("github", **members))
    api.wait(300)

    assert api(hook(github_webhook(DATA), "github"))[0] == status
    assert api(hook(github_webhook(DATA, OTHER_SECRET), "github"))[0] == 401


def test_the_contract_holds_for_webhooks(api: Api) -> None:
    """Every fault by its pointer into the body; an unknown contract is said to be one."""
    status, problem = api(hook(github_webhook(DATA), "github", "timestamped"))
    assert (status, problem["errors"][0]["pointer"]) == (422, "/email_timestream")
    assert api(hook(github_webhook(DATA), "github", "unknown"))[0] == 404
    assert not api.edge.objects


def test_githubs_own_example_is_right_and_not_json(api: Api) -> None:
    """Its signature is looked at first."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = github_webhook(DATA)[0] | {"x-hub-signature-256": signature}

    assert api(hook((headers, b"Hello, World!"), "github"))[0] == 400
    assert api(hook((headers, b"Hello, World?"), "github"))[0] == 401


def test_bytes_that_a_gateway_changed_fit_no_signature(api: Api) -> None:
    """Nothing is stored that was not signed; as base64 they are what they were."""
    body = b'{"id": "\xff"}'
    sent = {**github_webhook(DATA)[0], "content-length": str(len(body))}, body

    assert api(hook(sent, "github"))[0] == 401
    assert api(hook(sent, "github", as_text=False))[0] == 401


HOSTILE = ["", ",", "a,b", "\u00fc", "\ud800", "٣", "t=,v1=", "v1,", "x" * 9000, "=" * 3000, "\x00"]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
@pytest.mark.parametrize("scheme", WEBHOOKS)
def test_hostile_headers_are_refused(api: Api, scheme: str, value: str) -> None:
    """With 401: never a 500, whatever stands in them."""
    headers, body = WEBHOOKS[scheme](DATA)
    for name in headers:
        if name.startswith(("webhook-", "stripe-", "x-github-delivery", "x-hub-signature-256")):
            assert api(hook(({**headers, name: value}, body), scheme))[0] == 401
            doubled = {**headers, name: f"{headers[name]},{headers[name]}"}
            assert api(hook((doubled, body), scheme))[0] == 401
            missing = {key: each for key, each in headers.items() if key != name}
            assert api(hook((missing, body), scheme))[0] == 401


@pytest.mark.parametrize(("seconds", "status"), [(290, 202), (-290, 202), (310, 401), (-310, 401)])
def test_an_old_signature_is_refused(api: Api, seconds: int, status: int) -> None:
    """Five minutes, either way."""
    moment = datetime.fromtimestamp(time.time() - seconds, UTC)

    assert api(hook(standard_webhook(DATA, moment), "standard-webhooks"))[0] == status


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, "application/json"),
        ({"content-encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_what_cannot_be_verified_says_what_to_set(
    api: Api, headers: dict[str, str], sentence: str
) -> None:
    """GitHub shows the answer to whoever set the webhook up."""
    sent, body = github_webhook(DATA)
    status, problem = api(hook((sent | headers, body), "github", as_text=False))

    assert status == 415
    assert sentence in problem["detail"]


@pytest.mark.parametrize("fault", [refuse, never_answer])
def test_a_webhook_is_queued_while_s3_is_silent(api: Api, fault: Callable[..., None]) -> None:
    """GitHub does not try again; a metric counts what may be stored twice."""
    api.edge.faults = {"PutObject": fault, "GetObject": fault}

    status, _ = api(hook(github_webhook(DATA), "github"))

    assert status == 202
    assert len(api.edge.queued) == 1
    line = next(json.loads(each) for each in api.log.getvalue().splitlines() if "_aws" in each)
    assert sum(line["WebhooksUnkeyed"]) == 1


def test_a_trace_is_kept_beside_the_webhook(api: Api) -> None:
    """As beside any message; one that is not valid is dropped."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers, body = github_webhook(DATA)
    for shown, kept in ((trace, trace), ("hostile", None)):
        assert api(hook(({**headers, "traceparent": shown}, body), "github"))[0] == 202
        context = json.loads(api.edge.queued[-1]["MessageAttributes"]["context"]["StringValue"])
        assert context.get("traceparent") == kept


def test_a_wrong_signature_of_a_large_body_needs_little_memory(api: Api) -> None:
    """64 MB above idle and the event, for whom nobody knows."""
    large = hook(github_webhook({"id": 1, "x": "y" * 1_048_000}, OTHER_SECRET), "github")
    assert api(large)[0] == 401
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        assert api(large)[0] == 401
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak - before < 64 * 1024 * 1024
    assert api(hook(github_webhook({"id": 1, "x": "y" * 1_048_600}), "github"))[0] == 413
