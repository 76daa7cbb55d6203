"""Requests: the bytes of a body, whatever form it comes in."""

import base64
import gzip
from typing import Any

import pytest
from validator.http.request import MAX_BODY_BYTES, NDJSON, ForeignEventError, Request
from validator.intake.message import MAX_BYTES
from validator.problems import Kind, ProblemError

from tests.unit.validator.fakes import FAR

EVENT: dict[str, Any] = {
    "routeKey": "POST /",
    "rawPath": "/",
    "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.10"}},
}


def request(body: str | bytes = "", **headers: str) -> Request:
    """Return a POST with *body* (bytes come as base64, as API Gateway sends them)."""
    event = {
        **EVENT,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "body": body if isinstance(body, str) else base64.b64encode(body).decode(),
        "isBase64Encoded": isinstance(body, bytes),
    }
    return Request.from_event(event, FAR)


def test_refuses_text_that_was_made_of_other_bytes() -> None:
    """What a gateway makes of a Latin-1 letter would be stored in its place."""
    made = b'{"x":"caf\xe9"}'.decode("utf-8", "replace")

    with pytest.raises(ProblemError) as refusal:
        request(made, content_length=str(len(b'{"x":"caf\xe9"}'))).body()

    assert refusal.value.kind is Kind.NOT_JSON
    sent = made.encode()
    assert request(made, content_length=str(len(sent))).body() == sent
    assert request(made).body() == sent


def test_reads_header_names_in_any_case() -> None:
    """API Gateway sends them in lower case, `sam local` as they came."""
    assert request(Content_Type="application/x-ndjson").media_type(many=True) == NDJSON


def test_does_without_all_that_an_event_may_lack() -> None:
    """API Gateway leaves out what is empty."""
    event = {
        "routeKey": "$default",
        "rawPath": "/",
        "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.10"}},
    }

    bare = Request.from_event(event, FAR)

    assert (bare.body(), bare.parameters, bare.query, bare.headers) == (b"", {}, {}, {})


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON ; Charset=UTF-8", "application/json"),
        ('application/json;charset="utf-8"', "application/json"),
        ("application/problem+json", "application/json"),
        ("application/x-ndjson", NDJSON),
        ("application/jsonl", NDJSON),
    ],
)
def test_knows_json_by_its_media_type(content_type: str, media_type: str) -> None:
    """Parameters, case and structured suffixes do not matter."""
    assert request(content_type=content_type).media_type(many=True) == media_type


def test_takes_a_body_without_a_type_for_json() -> None:
    """RFC 9110 lets the recipient guess."""
    assert request("{}").media_type() == "application/json"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "json",
        "application/json,application/json",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset=",
        ";",
    ],
)
def test_refuses_any_other_type(content_type: str) -> None:
    """The answer says what would be taken."""
    with pytest.raises(ProblemError, match="unsupported-media-type") as refusal:
        request(content_type=content_type).media_type()

    assert refusal.value.headers["accept"] == "application/json, application/x-ndjson"


@pytest.mark.parametrize("body", ["{}", b"{}", "\ufeff{}", b"\xef\xbb\xbf{}"])
def test_reads_text_and_base64_and_drops_a_byte_order_mark(body: str | bytes) -> None:
    """Some editors and shells put the mark before every file that they send."""
    assert request(body).body() == b"{}"


def test_hands_a_lone_surrogate_on_for_the_parser_to_refuse() -> None:
    """An event may hold one; it must not end in an UnicodeEncodeError."""
    assert request('"\ud800"').body() == b'"\xed\xa0\x80"'


def test_inflates_gzip() -> None:
    """A batch of text is a tenth of its size when compressed."""
    assert (
        request(gzip.compress(b'{"data": 1}', mtime=0), content_encoding="GZIP").body()
        == b'{"data": 1}'
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}", mtime=0)[:-1],
        gzip.compress(b"{}", mtime=0) + b"more",
        gzip.compress(b"{}", mtime=0) * 2,
        b"\x1f\x8b\x08",
    ],
    ids=repr,
)
def test_refuses_broken_gzip(body: bytes) -> None:
    """Half a body must never be taken for a whole one."""
    with pytest.raises(ProblemError, match="not-json"):
        request(body, content_encoding="gzip").body()


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "", "zstd"])
def test_refuses_other_compression(encoding: str) -> None:
    """The answer says what would be taken."""
    with pytest.raises(ProblemError, match="unsupported-media-type") as refusal:
        request(b"{}", content_encoding=encoding).body()

    assert refusal.value.headers["accept-encoding"] == "gzip"


def test_stops_inflating_at_the_cap() -> None:
    """Ten kilobytes can inflate to ten megabytes, and to a function without memory."""
    bomb = gzip.compress(b" " * (MAX_BODY_BYTES + 1), mtime=0)

    with pytest.raises(ProblemError, match="too-large"):
        request(bomb, content_encoding="gzip").body()


def test_takes_a_body_of_exactly_the_cap() -> None:
    """The limit that is documented is the limit that holds."""
    largest = b" " * MAX_BODY_BYTES

    assert request(gzip.compress(largest, mtime=0), content_encoding="gzip").body() == largest
    assert request(largest.decode()).body() == largest
    with pytest.raises(ProblemError, match="too-large"):
        request(largest.decode() + " ").body()


@pytest.mark.parametrize("text", ["{", "e30", "e30=e30=", "é", "e3 0=", "e30-_"])
def test_refuses_broken_base64(text: str) -> None:
    """API Gateway makes none, a caller of the function might."""
    event = {**EVENT, "body": text, "isBase64Encoded": True}

    with pytest.raises(ProblemError, match="not-json"):
        Request.from_event(event, FAR).body()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"source": "aws.events", "detail": {}},
        {"httpMethod": "GET", "path": "/", "requestContext": {"stage": "prod"}},
        {"requestContext": {"elb": {"targetGroupArn": "arn"}}},
        {"requestContext": None},
        {"requestContext": {"http": None}},
        {**EVENT, "headers": ["a", "b"]},
        {**EVENT, "rawPath": ...},
    ],
)
def test_an_event_of_another_kind_is_named_so(event: dict[str, Any]) -> None:
    """Whoever wired the function wrongly reads what it takes, not the name of a missing key."""
    event = {name: value for name, value in event.items() if value is not ...}

    with pytest.raises(ForeignEventError, match=r"HTTP API, payload format 2\.0"):
        Request.from_event(event, FAR)


def test_headers_may_be_missing_null_or_lists() -> None:
    """The gateway sends none of these; `sam local` and hand-made events do."""
    assert Request.from_event({**EVENT, "headers": None}, FAR).headers == {}
    assert Request.from_event({**EVENT, "headers": {"Accept": ["a"]}}, FAR).headers == {
        "accept": "['a']"
    }


@pytest.mark.parametrize("body", [b'\xef\xbb\xbf{"x": "\xc3\xbc"}\r\n', b"\xff\x00", b""])
def test_signed_bytes_are_those_that_were_sent(body: bytes) -> None:
    """A signature covers the byte order mark, the line break at the end and what is not UTF-8."""
    assert request(body).signed_bytes() == body
    if body.isascii() or body.startswith(b"\xef"):
        assert request(body.decode()).signed_bytes() == body


def test_text_that_a_gateway_has_changed_is_left_to_the_signature() -> None:
    """It fits no more, and the sender learns no more than that."""
    made = "caf\ufffd"

    assert request(made, content_length="4").signed_bytes() == made.encode()


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"content_type": "application/x-www-form-urlencoded"}, "application/json"),
        ({"content_type": "multipart/form-data; boundary=x"}, "application/json"),
        ({"content_type": NDJSON}, "application/json"),
        ({"content_encoding": "gzip"}, "without Content-Encoding"),
        ({"content_encoding": "br"}, "without Content-Encoding"),
    ],
)
def test_a_webhook_in_another_form_is_told_what_to_set(
    headers: dict[str, str], sentence: str
) -> None:
    """A form is what GitHub sends unless it is told otherwise."""
    with pytest.raises(ProblemError) as refusal:
        request("{}", **headers).signed_bytes()

    assert refusal.value.kind is Kind.UNSUPPORTED_MEDIA_TYPE
    assert sentence in refusal.value.document["detail"]


@pytest.mark.parametrize("as_bytes", [True, False])
@pytest.mark.parametrize("character", ["x", "\u00fc"])
def test_a_webhook_above_one_mebibyte_is_refused_before_it_is_decoded(
    character: str, as_bytes: bool
) -> None:
    """Nobody without a secret may have it hashed."""
    fits = character * (MAX_BYTES // len(character.encode()))
    longer = fits + character

    assert len(request(fits.encode() if as_bytes else fits).signed_bytes()) == MAX_BYTES
    with pytest.raises(ProblemError, match="too-large"):
        request(longer.encode() if as_bytes else longer).signed_bytes()
