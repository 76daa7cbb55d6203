"""Requests that no honest sender makes: every one gets an answer that can be passed on."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.integration.validator.conftest import TOKEN, Api, exactly, post

GOOD = '{"data":{"email_timestream":"0","x":1}}'
ROUTES = [
    *["GET /", "GET /health", "GET /openapi.json", "POST /", "POST /messages/{contract}"],
    *["POST /messages/{contract}/batch", "GET /messages/{contract}/{message_id}", "$default"],
]
HEADERS = [
    *["authorization", "content-type", "content-encoding", "idempotency-key", "accept", "x-y"],
    *["Content-Type", "AUTHORIZATION", "transfer-encoding", "content-length", "", "\u00e9"],
]
VALUES = [
    *[
        "",
        "Bearer",
        f"Bearer {TOKEN}",
        f"Bearer {TOKEN},Bearer {TOKEN}",
        "application/json",
        "gzip",
    ],
    *["application/x-ndjson", "application/json; charset=utf-16", "gzip, gzip", "identity", "\x00"],
]
ODD_TEXT = st.text(max_size=40) | st.sampled_from(["\ud800", "\x00", "%00", "../..", "a" * 5000])
BODIES = st.text(max_size=200) | st.sampled_from([GOOD, "\ud800", "[" * 1000, '{"data":[{}]}'])


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("authorization", None, 401),
        ("authorization", "", 401),
        ("authorization", f"Bearer {TOKEN},Bearer {TOKEN}", 401),
        ("authorization", f"Basic {TOKEN}", 401),
        ("authorization", f"Bearer  {TOKEN} ", 202),
        ("authorization", "Bearer \u00e9\ud800", 401),
        ("content-type", None, 202),
        ("content-type", "application/json,application/json", 415),
        ("content-type", "application/json; charset=UTF-8", 202),
        ("content-type", "\x00", 415),
        ("content-encoding", "br", 415),
        ("content-encoding", "gzip,gzip", 415),
        ("content-encoding", "gzip", 400),
        ("idempotency-key", "", 400),
        ("idempotency-key", "a b", 400),
        ("idempotency-key", "k" * 256, 400),
        ("idempotency-key", "k,k", 202),
    ],
)
def test_answers_missing_and_repeated_headers(
    api: Api, header: str, value: str | None, status: int
) -> None:
    """API Gateway joins what is repeated with commas."""
    event = post(GOOD)
    event["headers"].pop(header, None)
    if value is not None:
        event["headers"][header] = value

    assert api(event)[0] == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get"])
@pytest.mark.parametrize("path", ["/", "/health", "/messages/email", "/metrics", "/openapi.json"])
def test_names_the_methods_of_a_path(api: Api, method: str, path: str) -> None:
    """405 with Allow, whatever the method is called."""
    event = post("", path) | {"routeKey": "$default"}
    event["requestContext"]["http"]["method"] = method

    assert api(event)[0] == 405


@pytest.mark.parametrize("path", ["/", "/health"])
def test_answers_an_uptime_monitor(api: Api, path: str) -> None:
    """HEAD has the headers of GET, and no body."""
    event = post("", path) | {"routeKey": f"HEAD {path}"}
    event["requestContext"]["http"]["method"] = "HEAD"

    response = api.response(event)

    assert (response["statusCode"], response["body"]) == (200, "")
    assert response["headers"]["content-type"] == "application/json"


def test_a_batch_is_not_looked_up(api: Api) -> None:
    """API Gateway takes `batch` for a message's id; the path is known, and GET is not."""
    event = post("", "/messages/email/batch")
    event |= {"routeKey": "GET /messages/{contract}/{message_id}"}
    event["pathParameters"] |= {"message_id": "batch"}

    response = api.response(event)

    assert (response["statusCode"], response["headers"]["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "path",
    [
        *["", "//", "/messages", "/messages/", "/messages//", "/messages/a/b/c", "/..", "/%2e%2e"],
        *["/\0", "/" + "a" * 9000, "/\ud800", "/messages/email/", "/HEALTH", "/{contract}", "*"],
    ],
)
def test_knows_no_other_path(api: Api, path: str) -> None:
    """A scanner learns nothing but that there is nothing."""
    event = post("", "/") | {"routeKey": "$default", "rawPath": path}

    status, document = api(event)

    assert (status, document["type"]) == (404, "urn:weir:problem:not-found")


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    route=st.sampled_from(ROUTES),
    path=st.sampled_from(["/", "/messages/email", "/messages/email/batch"]) | ODD_TEXT,
    method=st.sampled_from(["GET", "POST", "PUT"]) | ODD_TEXT,
    parameters=st.fixed_dictionaries(
        {"contract": st.sampled_from(["timestamped", "four-fields"]) | ODD_TEXT},
        optional={"message_id": ODD_TEXT | st.just("019bc12b-c62b-7224-8417-f956ac7c599f")},
    ),
    headers=st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(VALUES) | ODD_TEXT),
    authorized=st.booleans(),
    body=BODIES | st.binary(max_size=200),
    form=st.sampled_from(["text", "base64", "broken", "gzip"]),
)
@example("POST /", "/", "POST", {"contract": "x"}, {}, True, None, "text")
def test_answers_any_request(
    api: Api,
    route: str,
    path: str,
    method: str,
    parameters: dict[str, str],
    headers: dict[str, str],
    authorized: bool,
    body: str | bytes | None,
    form: str,
) -> None:
    """Any bytes, headers, method and path: no exception, no 5xx, and nothing changed on its way."""
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body or b""
    event: dict[str, Any] = {
        "routeKey": route,
        "rawPath": path,
        "pathParameters": parameters | {"message_id": parameters.get("message_id", "batch")},
        "headers": ({"authorization": f"Bearer {TOKEN}"} if authorized else {}) | headers,
        "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.10"}},
        "body": base64.b64encode(gzip.compress(raw) if form == "gzip" else raw).decode(),
        "isBase64Encoded": True,
    }
    if form == "gzip":
        event["headers"] = event["headers"] | {"content-encoding": "gzip"}
    if form == "text":
        event |= {"body": raw.decode("utf-8", "replace"), "isBase64Encoded": False}
    if form == "broken":
        event["body"] = body if isinstance(body, str) else "%"
    before = len(api.edge.queued)

    status, _ = api(event)

    assert 200 <= status < 500
    assert (len(api.edge.queued) > before) is (status in (202, 207))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=5),
    max_leaves=10,
)  # fmt: skip


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(ANY_JSON, min_size=1, max_size=20), st.booleans(), st.sampled_from([None, 2]))
def test_queues_any_values_as_they_were_sent(
    api: Api, values: list[Any], ascii_only: bool, indent: int | None
) -> None:
    """In a batch, each under the id of its place, equal to the last digit."""
    sent = [{"email_timestream": "0", "x": value} for value in values]
    body = json.dumps({"data": sent}, ensure_ascii=ascii_only, indent=indent)
    before = len(api.edge.queued)

    status, answer = api(post(body, "/messages/timestamped/batch"))

    assert status == 202
    queued = {
        entry["MessageAttributes"]["message_id"]["StringValue"]: exactly(entry["MessageBody"])
        for entry in api.edge.queued[before:]
    }
    wanted = [exactly(json.dumps(value)) for value in sent]
    assert [queued[result["message_id"]] for result in answer["results"]] == wanted
    assert len(api.edge.queued) - before == len(sent)


@pytest.mark.parametrize("in_body", ["another", "", None, 4711, [], TOKEN + " "])
@pytest.mark.parametrize("path", ["/messages/timestamped", "/messages/timestamped/batch"])
def test_two_tokens_that_differ_are_refused(api: Api, path: str, in_body: Any) -> None:
    """Whoever sends two means one of them; which one cannot be known."""
    message = {"email_timestream": "0"}
    data = [message] if path.endswith("batch") else message

    status, problem = api(post(json.dumps({"token": in_body, "data": data}), path))

    assert (status, problem["type"]) == (401, "urn:weir:problem:invalid-token")
    assert api.edge.queued == []
