"""CloudEvents 1.0 over HTTP, binary and structured: the data as an item, and the attributes.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from ..contracts.faults import Fault, pointer
from ..contracts.fields import ISO_8601
from ..intake.context import MAX_CONTEXT_BYTES, context_text, trace_of
from ..intake.intake import Item
from ..intake.json_text import Value, members, read
from ..problems import ProblemError
from .request import CLOUDEVENTS, Request
from .submission import MAX_MEMBERS, fault, invalid

_ANY = ".*", "A name of a-z and 0-9 is needed, and clean text, an integer of 32 bits or a boolean"
_TEXT = ".+", "Text that is not empty is needed, without control characters"
_FORMS = {
    **dict.fromkeys(("id", "source", "type", "subject", "dataschema"), _TEXT),
    "specversion": (r"1\.0", "The version 1.0 is needed"),
    "time": (ISO_8601, "A time as in RFC 3339 is needed"),
    "datacontenttype": (r"(?i)[^/;]+/([^;]+\+)?json *(;.*)?", "Only JSON is stored"),
}
_REQUIRED = ("specversion", "id", "source", "type")
_NAME = re.compile("[a-z0-9]+")
# Control characters and noncharacters: no attribute may hold one.
_LAST = "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))
_REFUSED = re.compile(f"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef{_LAST}]")


def is_event(request: Request) -> bool:
    """Return whether *request* says that it holds a CloudEvent."""
    return "ce-specversion" in request.headers or _is_structured(request)


def read_event(request: Request) -> tuple[Item, dict[str, Any]]:
    """Return the message and the context of an event; refuse it and name what is wrong."""
    request.media_type()
    document = read(request.body())
    if _is_structured(request):
        item, attributes = _structured(document)
    else:
        item, attributes = Item(document, ""), _binary(request.headers)
    faults = list(_faults(attributes))
    context = {"cloudevent": attributes, **trace_of(request.headers)}
    if not faults and len(context_text(context)) > MAX_CONTEXT_BYTES:
        longest = max(attributes, key=lambda name: len(json.dumps(attributes[name])))
        detail = f"All attributes and the trace may have {MAX_CONTEXT_BYTES} bytes as JSON"
        faults = [fault(f"/{longest}", "too_long", detail)]
    if faults:
        raise invalid(faults)
    return item, context


def _is_structured(request: Request) -> bool:
    return request.headers.get("content-type", "").strip().lower().startswith(CLOUDEVENTS)


def _binary(headers: Mapping[str, str]) -> dict[str, Any]:
    found = {name[3:]: _decoded(text) for name, text in headers.items() if name.startswith("ce-")}
    if "content-type" in headers:
        found["datacontenttype"] = headers["content-type"]
    return found


def _decoded(text: str) -> str | None:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    try:
        return unquote_to_bytes(text.encode("ascii")).decode()
    except UnicodeError:
        return None


def _structured(document: Value) -> tuple[Item, dict[str, Any]]:
    found = members(document, MAX_MEMBERS + 1) if document.is_object() else {}
    given = [name for name in ("data", "data_base64") if name in found]
    if len(given) != 1 or len(found) > MAX_MEMBERS:
        raise invalid([fault("/data", "missing", f"Either is needed, among {MAX_MEMBERS} members")])
    data = found.pop(given[0])
    attributes = {name: _scalar(each) for name, each in found.items() if each.text != "null"}
    if given == ["data"]:
        return Item(data, "/data"), attributes
    try:
        data = read(b64decode(data.string() or "", validate=True))
    except (ValueError, ProblemError) as error:
        raise invalid([fault("/data_base64", "base64", "JSON in base64 is needed")]) from error
    # Without a datacontenttype nobody says that the bytes are JSON.
    return Item(data, "/data_base64"), {"datacontenttype": None, **attributes}


def _scalar(value: Value) -> str | int | None:
    if re.fullmatch("-?[0-9]{1,10}", value.text) and -(2**31) <= int(value.text) < 2**31:
        return int(value.text)
    return value.text == "true" if value.text in ("true", "false") else value.string()


def _faults(attributes: dict[str, Any]) -> Iterator[Fault]:
    for name, value in (dict.fromkeys(_REQUIRED) | attributes).items():
        form, detail = _FORMS.get(name, _ANY)
        fits = isinstance(value, str) and re.fullmatch(form, value) and not _REFUSED.search(value)
        fits = fits or (name not in _FORMS and isinstance(value, int))
        if not fits or not _NAME.fullmatch(name):
            yield fault(pointer("", [name]), "attribute", detail)
