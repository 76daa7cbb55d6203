"""Submissions: a body is read as far as its token first, and item by item once that is known."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from validator.http.request import MAX_TOKEN_BODY_BYTES, NDJSON, Request
from validator.http.submission import MAX_ITEMS, read_delivery, read_post
from validator.intake.intake import Item
from validator.problems import ProblemError

from tests.unit.validator.fakes import FAR


def request(body: str, media_type: str = "application/json", **headers: str) -> Request:
    """Return a POST of *body*."""
    event = {
        "routeKey": "POST /",
        "rawPath": "/",
        "headers": {"content-type": media_type, **headers},
        "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.10"}},
        "body": body,
    }
    return Request.from_event(event, FAR)


def texts(items: list[Item]) -> list[str]:
    """Return each item's text, or the kind of its problem."""
    return [
        item.value.kind.slug if isinstance(item.value, ProblemError) else item.value.text
        for item in items
    ]


def pointers(refused: ProblemError) -> dict[str, str]:
    """Return the codes of the faults by pointer."""
    return {fault["pointer"]: fault["code"] for fault in refused.document["errors"]}


def test_one_message_is_the_member_data_as_it_was_sent() -> None:
    """The text is stored, so its spaces and digits must survive."""
    (item,) = read_post(request('{"token": "t", "data": { "n": 1.10 }}'), many=False).items()

    assert (texts([item]), item.pointer) == (['{ "n": 1.10 }'], "/data")


def test_a_batch_is_each_value_of_data() -> None:
    """A fault says by its pointer which of them it is."""
    found = read_post(request('{"data": [{"a": 1}, [], 3]}'), many=True).items()

    assert texts(found) == ['{"a": 1}', "[]", "3"]
    assert [item.pointer for item in found] == ["/data/0", "/data/1", "/data/2"]


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ('{"data": {}}', None),
        ('{"token": "t", "data": {}}', "t"),
        ('{"data": {}, "token": ""}', ""),
        ('{"token": null, "data": {}}', ""),
        ('{"token": 5, "data": {}}', ""),
        ('{"token": ["t"], "data": {}}', ""),
        ('{"data": {"token": "t"}}', None),
        ("[]", None),
    ],
)
def test_knows_the_token_in_the_body(body: str, token: str | None) -> None:
    """Without one the request lacks a token; one that is not text is a token that nobody has."""
    assert read_post(request(body), many=False).token == token


@pytest.mark.parametrize("body", ['{"token": "t"}', "[]", '{"token": "t", "x": 1}', "5"])
def test_does_not_judge_the_body_before_the_sender_is_known(body: str) -> None:
    """Whoever has no token is told that, and nothing of what the API takes."""
    post = read_post(request(body), many=False)

    with pytest.raises(ProblemError, match="invalid-message"):
        post.items()


def test_reads_no_line_before_the_sender_is_known() -> None:
    """Inflating and parsing megabytes is work for senders alone."""
    broken = Request.from_event(
        {
            "routeKey": "POST /",
            "rawPath": "/",
            "headers": {
                "authorization": "Bearer t",
                "content-type": NDJSON,
                "content-encoding": "gzip",
            },
            "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.10"}},
            "body": "not gzip",
        },
        FAR,
    )

    post = read_post(broken, many=True)

    assert post.token is None
    with pytest.raises(ProblemError, match="not-json"):
        post.items()


def test_each_line_of_ndjson_is_read_by_itself() -> None:
    """One broken line must not cost the sender the others; empty lines are none."""
    body = '{"a": 1}\n\r\n  \n{"b":\r\n[2]\r\n{"c": 3}'

    found = read_post(request(body, NDJSON), many=True).items()

    assert texts(found) == ['{"a": 1}', "not-json", "[2]", '{"c": 3}']


def test_ndjson_is_for_batches() -> None:
    """One message in lines would be ambiguous."""
    with pytest.raises(ProblemError, match="unsupported-media-type"):
        read_post(request("{}", NDJSON), many=False)


def test_names_every_member_that_is_wrong() -> None:
    """A sender fixes a body in one go."""
    with pytest.raises(ProblemError) as refused:
        read_post(request('{"token": "t", "x": 1, "a/b": 2}'), many=False).items()

    assert pointers(refused.value) == {
        "/data": "missing",
        "/x": "extra_forbidden",
        "/a~1b": "extra_forbidden",
    }


@pytest.mark.parametrize(
    ("body", "many", "at"), [("[]", False, ""), ("5", True, ""), ('{"data": {}}', True, "/data")]
)
def test_says_where_another_kind_of_value_is_needed(body: str, many: bool, at: str) -> None:
    """An object without data, and a batch without an array, are the first mistakes of a sender."""
    with pytest.raises(ProblemError) as refused:
        read_post(request(body), many=many).items()

    assert pointers(refused.value).keys() == {at}


@pytest.mark.parametrize(
    ("media_type", "wrap"),
    [("application/json", '{{"data": [{}]}}'), (NDJSON, "{}")],
    ids=["array", "lines"],
)
def test_a_batch_has_one_to_a_thousand_items(media_type: str, wrap: str) -> None:
    """The answer to more would not fit into what Lambda returns."""
    separator = "," if media_type != NDJSON else "\n"

    def read(count: int) -> list[Item]:
        body = wrap.format(separator.join(["{}"] * count))
        return read_post(request(body, media_type), many=True).items()

    assert (len(read(1)), len(read(MAX_ITEMS))) == (1, 1000)
    with pytest.raises(ProblemError, match="too-large"):
        read(MAX_ITEMS + 1)
    with pytest.raises(ProblemError, match="invalid-message"):
        read(0)


def test_reads_no_further_than_needed() -> None:
    """A hostile body may have millions of members; the token among the first hundred counts."""
    members: dict[str, Any] = {f"m{number}": 1 for number in range(200)}

    post = read_post(request(json.dumps({**members, "token": "late"})), many=False)

    assert post.token is None


def body_of(size: int, text: str = "x") -> str:
    """Return a body that holds *size* times *text* beside its token."""
    return '{"token": "t", "data": "' + text * size + '"}'


LONGEST = MAX_TOKEN_BODY_BYTES - len(body_of(0))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (body_of(LONGEST), True),
        (body_of(LONGEST + 1), False),
        (body_of(LONGEST // 2, "\u00e9"), True),
        (body_of(LONGEST // 2 + 1, "\u00e9"), False),
        (body_of(7 * LONGEST), False),
    ],
    ids=["exactly", "a byte more", "exactly, in two bytes each", "more, in two bytes each", "long"],
)
@pytest.mark.parametrize("is_base64", [False, True])
def test_looks_for_a_token_in_a_short_body_alone(body: str, found: bool, is_base64: bool) -> None:
    """Until the token is found nobody is known who pays for the reading."""
    sent = request(body)
    if is_base64:
        sent = replace(sent, text=b64encode(body.encode()).decode(), is_base64=True)

    if found:
        assert read_post(sent, many=False).token == "t"
        return
    with pytest.raises(ProblemError, match="missing-token") as refused:
        read_post(sent, many=False)
    assert "Authorization" in refused.value.document["detail"]
    assert "www-authenticate" in refused.value.headers


@pytest.mark.parametrize("encoding", ["gzip", " GZIP ", "br", "gzip, gzip", ""])
@pytest.mark.parametrize("many", [False, True])
def test_looks_for_no_token_in_a_compressed_body(encoding: str, many: bool) -> None:
    """A few bytes can inflate to millions of values."""
    sent = request(body_of(1), "application/x-ndjson", **{"content-encoding": encoding})

    with pytest.raises(ProblemError, match="missing-token"):
        read_post(sent, many=many)


def test_reads_a_long_body_of_a_sender_who_is_known_by_the_header() -> None:
    """The header was checked before."""
    sent = request(body_of(LONGEST + 1), authorization="Bearer t")

    assert read_post(sent, many=False).token == "t"


def test_the_body_of_a_webhook_is_the_message() -> None:
    """As it was sent, but for a byte order mark, which was signed too."""
    item, delivery = read_delivery(b'\xef\xbb\xbf{ "n": 1.10 }\n', {"id": "a", "event": "push"})

    assert (texts([item]), item.pointer) == (['{ "n": 1.10 }'], "")
    assert delivery == {"id": "a", "event": "push"}


def test_stripe_has_the_id_of_the_delivery_in_the_body() -> None:
    """Where the scheme has none in its headers."""
    assert read_delivery(b'{"id": "evt_1", "data": {"id": "x"}}', {})[1] == {"id": "evt_1"}


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"id": ""}', b'{"id": 5}', b'{"id": {}}', b"[]", b'{"id": "%s"}' % (b"x" * 101)],
)
def test_a_delivery_without_an_id_is_refused(body: bytes) -> None:
    """It could not be told from the one before."""
    with pytest.raises(ProblemError, match="invalid-message") as refused:
        read_delivery(body, {})

    assert pointers(refused.value) == {"/id": "missing"}


def test_a_webhook_that_is_not_json_is_refused() -> None:
    """Its signature was right all the same."""
    with pytest.raises(ProblemError, match="not-json"):
        read_delivery(b"Hello, World!", {"id": "a"})
