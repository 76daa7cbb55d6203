"""What a POST holds: the sender's token, if it is in the body, and the items as they were sent."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from ..contracts.faults import Fault, pointer
from ..intake.intake import Item
from ..intake.json_text import Value, items, members, read
from ..problems import Kind, ProblemError, missing_token
from .request import BOM, MAX_TOKEN_BODY_BYTES, NDJSON, Request

MAX_ITEMS = 1000
# Stop after this many members of the envelope: a hostile body may have millions.
MAX_MEMBERS = 100


class Post(NamedTuple):
    """A POST whose body is read as far as its token; *items* reads on, once the client is known.

    A token of any other kind than text is empty text, which no client has.
    """

    token: str | None
    items: Callable[[], list[Item]]


def read_post(request: Request, *, many: bool) -> Post:
    """Return what *request* holds: one message, or *many* of them.

    Without an Authorization header, refuse a body that would cost much to find the token in.
    """
    if "authorization" not in request.headers and not request.may_hold_token():
        raise missing_token(
            "Send the token as Authorization: Bearer <token>: it is not looked for in a body that"
            f" is compressed or has more than {MAX_TOKEN_BODY_BYTES} bytes."
        )
    if request.media_type(many=many) == NDJSON:
        return Post(None, lambda: _counted(_lines(request.body())))
    document = read(request.body())
    envelope = members(document, MAX_MEMBERS) if document.is_object() else {}
    return Post(_token(envelope), lambda: _items(document, envelope, many=many))


def read_delivery(body: bytes, delivery: dict[str, str]) -> tuple[Item, dict[str, str]]:
    """Return a webhook's message, and its *delivery* with the id that the message may have."""
    message = read(body.removeprefix(BOM))
    if not delivery:
        found = members(message, MAX_MEMBERS) if message.is_object() else {}
        delivery = {"id": found["id"].string() or "" if "id" in found else ""}
        if not 0 < len(delivery["id"]) <= 100:  # it is kept beside the message
            raise invalid([fault("/id", "missing", "The delivery's id is needed, as text")])
    return Item(message, ""), delivery


def _token(envelope: dict[str, Value]) -> str | None:
    token = envelope.get("token")
    return None if token is None else token.string() or ""


def _items(document: Value, envelope: dict[str, Value], *, many: bool) -> list[Item]:
    data = _data(document, envelope)
    if not many:
        return [Item(data, "/data")]
    if not data.is_array():
        raise invalid([fault("/data", "list_type", "An array of messages is needed")])
    values = enumerate(items(data, MAX_ITEMS + 1))
    return _counted(Item(value, f"/data/{index}") for index, value in values)


def _data(document: Value, envelope: dict[str, Value]) -> Value:
    if not document.is_object():
        raise invalid([fault("", "model_type", "An object with the member data is needed")])
    faults = [
        fault(pointer("", [name]), "extra_forbidden", "Only token and data are known here")
        for name in envelope
        if name not in ("token", "data")
    ]
    if "data" not in envelope:
        faults.insert(0, fault("/data", "missing", "Field required"))
    if faults:
        raise invalid(faults)
    return envelope["data"]


def _lines(raw: bytes) -> Iterator[Item]:
    for line in raw.split(b"\n"):
        if not line.strip(b" \t\r"):
            continue
        try:
            yield Item(read(line), "")
        except ProblemError as problem:
            yield Item(problem, "")


def _counted(sent: Iterable[Item]) -> list[Item]:
    found = list(islice(sent, MAX_ITEMS + 1))
    if not found:
        raise invalid([fault("", "too_short", "At least one message is needed")])
    if len(found) > MAX_ITEMS:
        raise ProblemError(Kind.TOO_LARGE, f"A batch may have {MAX_ITEMS} messages.")
    return found


def fault(at: str, code: str, detail: str) -> Fault:
    """Return the fault *code* of what is found by the pointer *at*."""
    return {"pointer": at, "code": code, "detail": detail}


def invalid(faults: list[Fault]) -> ProblemError:
    """Return the problem of a body that has *faults* before its messages are looked at."""
    return ProblemError(
        Kind.INVALID_MESSAGE, "The body is not what this route takes.", members={"errors": faults}
    )
