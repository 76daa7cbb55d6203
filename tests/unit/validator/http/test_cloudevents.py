"""CloudEvents: the specification's examples are taken, hostile attributes refused by name."""

import json
from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validator.http.cloudevents import is_event, read_event
from validator.http.request import Request
from validator.intake.context import MAX_CONTEXT_BYTES
from validator.problems import Kind, ProblemError

from tests.unit.validator.fakes import FAR

# https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#315-examples
BINARY = {
    "ce-specversion": "1.0",
    "ce-type": "com.example.someevent",
    "ce-time": "2018-04-05T03:56:24Z",
    "ce-id": "1234-1234-1234",
    "ce-source": "/mycontext/subcontext",
    "content-type": "application/json; charset=utf-8",
}
# https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#32-examples
STRUCTURED: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "subject": None,
    "id": "C234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
    "datacontenttype": "application/json",
    "data": {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True},
}
JSON = "application/cloudevents+json; charset=UTF-8"
JSON_HEADERS = {"content-type": JSON}
DATA = '{"appinfoA":"abc"}'


def request(headers: dict[str, str], text: str = DATA, *, is_base64: bool = False) -> Request:
    """Return a POST with *headers* and *text*."""
    return Request("POST /", "POST", "/", {}, {}, headers, "192.0.2.1", text, is_base64, FAR)


def binary(without: str = "none", /, **changes: str) -> Request:
    """Return the event in binary mode; *changes* name attributes."""
    changed = BINARY | {f"ce-{name}": value for name, value in changes.items()}
    changed.pop(without, None)
    return request(changed)


def structured(without: str = "none", /, **changes: Any) -> Request:
    """Return the event in structured mode."""
    changed = STRUCTURED | changes
    changed.pop(without, None)
    return request(JSON_HEADERS, json.dumps(changed))


def read(sent: Request) -> tuple[Any, dict[str, Any]]:
    """Return the message of an event, and its attributes."""
    assert is_event(sent)
    item, context = read_event(sent)
    assert not isinstance(item.value, ProblemError)
    return json.loads(item.value.text), context["cloudevent"]


def wrong_in(sent: Request) -> list[str]:
    """Return the attributes that the refusal of an event names."""
    with pytest.raises(ProblemError) as caught:
        read_event(sent)
    assert caught.value.kind is Kind.INVALID_MESSAGE
    return sorted(each["pointer"] for each in caught.value.document["errors"])


def test_reads_the_specifications_binary_example() -> None:
    """Attributes are headers, the body is the message, Content-Type is datacontenttype."""
    assert read(binary()) == (
        {"appinfoA": "abc"},
        {
            "specversion": "1.0",
            "type": "com.example.someevent",
            "time": "2018-04-05T03:56:24Z",
            "id": "1234-1234-1234",
            "source": "/mycontext/subcontext",
            "datacontenttype": "application/json; charset=utf-8",
        },
    )


def test_reads_the_specifications_structured_example() -> None:
    """The message is the member data; an attribute that is null is not there."""
    expected = {name: value for name, value in STRUCTURED.items() if value and name != "data"}

    assert read(structured()) == (STRUCTURED["data"], expected)


@pytest.mark.parametrize(
    "mode", [JSON, "APPLICATION/CloudEvents+JSON", " application/cloudevents+json"]
)
def test_the_media_type_wins_over_headers(mode: str) -> None:
    """By the specification; whoever reads it the other way round stores the envelope."""
    sent = request({**BINARY, "content-type": mode, "ce-id": "other"}, json.dumps(STRUCTURED))

    assert read(sent)[1]["id"] == "C234-1234-1234"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/cloudevents-batch+json",
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents+xml",
        "application/cloudevents+json; charset=utf-16",
    ],
)
def test_batches_and_other_formats_are_refused(media_type: str) -> None:
    """Binary must not be looked for in what says that it is structured."""
    with pytest.raises(ProblemError) as caught:
        read_event(request({**BINARY, "content-type": media_type}, "[]"))

    assert caught.value.kind is Kind.UNSUPPORTED_MEDIA_TYPE


def test_a_batch_of_events_is_refused_on_the_batch_route() -> None:
    """With a sentence, as its body looks like a batch."""
    for media_type in ("application/cloudevents-batch+json", "application/cloudevents+json"):
        with pytest.raises(ProblemError) as caught:
            request({"content-type": media_type}).media_type(many=True)
        assert "one by one" in caught.value.document["detail"]


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}, {"ce-id": "1"}])
def test_other_requests_are_no_events(headers: dict[str, str]) -> None:
    """They have an envelope of Weir's own."""
    assert not is_event(request(headers))


def test_binary_without_content_type_has_none() -> None:
    """The body is JSON all the same, or refused as such."""
    headers = {name: value for name, value in BINARY.items() if name != "content-type"}

    assert "datacontenttype" not in read(request(headers))[1]


@pytest.mark.parametrize("name", ["id", "source", "type"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_attribute_is_there_and_not_empty(name: str, value: str | None) -> None:
    """The refusal names it, in both modes."""
    assert wrong_in(structured(**{name: value})) == [f"/{name}"]
    assert wrong_in(binary(f"ce-{name}") if value is None else binary(**{name: ""})) == [f"/{name}"]


def test_every_fault_is_named_at_once() -> None:
    """So that a sender corrects them in one go."""
    assert wrong_in(structured(id=None, source=5, time="yesterday", UP="x")) == [
        "/UP",
        "/id",
        "/source",
        "/time",
    ]


WRONG_JSON: list[tuple[str, Any]] = [
    ("specversion", "0.3"),
    ("specversion", 1.0),
    ("id", 5),
    ("id", True),
    ("source", {"a": 1}),
    ("subject", ""),
    ("dataschema", ""),
    ("time", "2018-04-05"),
    ("time", "2018-02-30T03:56:24Z"),
    ("time", "2018-04-05T03:56:24"),
    ("time", 1522900584),
    ("extension", 1.5),
    ("extension", 2**31),
    ("extension", -(2**31) - 1),
    ("extension", [1]),
    ("extension", {"a": "b"}),
    ("extension", "line\nbreak"),
    ("extension", "\x00"),
    ("extension", "\x7f"),
    ("extension", "\x85"),
    ("extension", "\ufdd0"),
    ("extension", "\ufffe"),
    ("extension", "\U0010ffff"),
    ("datacontenttype", "text/plain"),
    ("datacontenttype", "application/xml"),
    ("datacontenttype", "json"),
    ("datacontenttype", 5),
    ("Upper", "x"),
    ("with-hyphen", "x"),
    ("with_underscore", "x"),
    ("", "x"),
    ("\u00fc", "x"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_JSON, ids=ascii)
def test_a_wrong_attribute_is_named(name: str, value: Any) -> None:
    """Before the 202, and the value is not repeated."""
    assert wrong_in(structured(**{name: value})) == [f"/{name}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extension", ""),
        ("extension", 2**31 - 1),
        ("extension", -(2**31)),
        ("extension", False),
        ("extension", "€ 😀 \xa0"),
        ("time", "2018-04-05T17:31:00.123456+02:00"),
        ("datacontenttype", "Application/JSON;charset=utf-8"),
        ("datacontenttype", "application/vnd.example+json"),
        ("datacontenttype", "text/json"),
        ("dataschema", "urn:x"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "long names are allowed"),
        ("token", "is an attribute like any other"),
    ],
)
def test_a_right_attribute_is_kept(name: str, value: Any) -> None:
    """With its kind."""
    kept = read(structured(**{name: value}))[1][name]

    assert (type(kept), kept) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%e2%82%ac%41", "€A"),
        ('"a \\"quoted\\" \\\\ value"', 'a "quoted" \\ value'),
        ('"%22"', '"'),
        ('"', '"'),
        ('""', ""),
        ("a%2541", "a%41"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("a, b", "a, b"),
        ("5", "5"),
    ],
)
def test_a_header_is_decoded_once(text: str, value: str) -> None:
    """First the quotes, then one round of percent-encoding; a percent sign alone is itself."""
    assert read(binary(extension=text))[1]["extension"] == value


@pytest.mark.parametrize(
    "text", ["%C0%A0", "%ff", "%ED%A0%80", "Euro €", "\u00fc", "%0A", "%00", "%7F"]
)
def test_a_header_that_is_not_utf_8_is_refused(text: str) -> None:
    """Decoding it with a replacement would store what nobody has sent."""
    assert wrong_in(binary(extension=text)) == ["/extension"]


def test_content_type_says_the_type_of_the_data() -> None:
    """A header of that name cannot say something else."""
    assert (
        read(binary(datacontenttype="text/plain"))[1]["datacontenttype"] == BINARY["content-type"]
    )


def test_structured_data_is_any_json_and_never_read_twice() -> None:
    """The contract decides then; text that looks like JSON stays text."""
    for data in ("{}", [1], 5, None, "", {"data": {"a": 1}}):
        assert read(structured(data=data))[0] == data
    assert read(structured("datacontenttype"))[0] == STRUCTURED["data"]


def in_base64(text: str) -> str:
    """Return *text* in base64."""
    return b64encode(text.encode()).decode()


def test_base64_of_json_is_json() -> None:
    """Where datacontenttype says so."""
    assert read(structured("data", data_base64=in_base64(DATA)))[0] == json.loads(DATA)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"data_base64": in_base64(DATA), "data": {}}, "/data"),
        ({"data_base64": None, "data": {}}, "/data"),
        ({"data_base64": "*"}, "/data_base64"),
        ({"data_base64": in_base64(DATA) + "\n"}, "/data_base64"),
        ({"data_base64": in_base64("text")}, "/data_base64"),
        ({"data_base64": ""}, "/data_base64"),
        ({"data_base64": 5}, "/data_base64"),
        ({"data_base64": "ü"}, "/data_base64"),
        ({"data_base64": in_base64(DATA), "datacontenttype": None}, "/datacontenttype"),
        ({"data_base64": in_base64(DATA), "datacontenttype": "image/png"}, "/datacontenttype"),
        ({}, "/data"),
    ],
    ids=repr,
)
def test_data_is_given_once_and_as_json(changes: dict[str, Any], named: str) -> None:
    """Anything else could not be stored as a message."""
    assert wrong_in(structured("none" if "data" in changes else "data", **changes)) == [named]


@pytest.mark.parametrize("body", ["[]", '"x"', "5", "null", "{}"])
def test_an_event_is_an_object(body: str) -> None:
    """And has members."""
    assert wrong_in(request(JSON_HEADERS, body)) == ["/data"]


def test_an_event_has_a_hundred_members_at_most() -> None:
    """A refusal that named a million would be larger than Lambda answers."""
    assert wrong_in(structured(**{f"x{number}": 1 for number in range(100)})) == ["/data"]
    assert len(read(structured(**{f"x{number}": 1 for number in range(90)}))[1]) > 90


def size_of(attributes: dict[str, Any], **others: str) -> int:
    """Return what the attributes take beside a message."""
    return len(json.dumps({"cloudevent": attributes, **others}, separators=(",", ":")))


def test_attributes_fill_one_kilobyte_and_no_more() -> None:
    """S3 keeps 2 KB of metadata; the longest attribute is named."""
    room = MAX_CONTEXT_BYTES - size_of(read(structured(extension=""))[1])

    assert read(structured(extension="x" * room))[1]["extension"] == "x" * room
    assert wrong_in(structured(extension="x" * (room + 1))) == ["/extension"]
    assert wrong_in(structured(extension="\u20ac" * (room // 6 + 1))) == ["/extension"]
    assert wrong_in(structured(extension="x  " * (room // 3))) == ["/extension"]
    assert wrong_in(binary(source="/" + "s" * 2000, extension="x" * 1000)) == ["/source"]


def test_a_trace_needs_room_too() -> None:
    """It is kept in the same place."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    empty = size_of(read(structured(extension=""))[1], traceparent=trace)
    room = MAX_CONTEXT_BYTES - empty
    for length, fits in ((room, True), (room + 1, False)):
        body = json.dumps(STRUCTURED | {"extension": "x" * length})
        sent = request({**JSON_HEADERS, "traceparent": trace}, body)
        if fits:
            assert read(sent)
        else:
            assert wrong_in(sent) == ["/extension"]


@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "source", "time", "data", "data_base64", "x", "X", "datacontenttype"]
        ),
        st.one_of(
            st.text(max_size=20),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.none(),
            st.booleans(),
            st.lists(st.integers(), max_size=2),
        ),
    )
)
def test_an_event_is_read_or_refused(changes: dict[str, Any]) -> None:
    """And nothing else happens, whatever it holds."""
    for sent in (
        structured(**changes),
        binary(**{name: str(value) for name, value in changes.items()}),
        request(JSON_HEADERS, json.dumps(changes)),
    ):
        with suppress(ProblemError):
            read(sent)
