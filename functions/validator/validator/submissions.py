"""What a POST brings: its client, and its items, each read by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .access import ClientOf, bearer_token, known_client, missing_token, require_same
from .documents import Value, items, members, read
from .faults import Fault, pointer
from .problems import Kind, ProblemError
from .requests import NDJSON, Request, unsupported

MAX_ITEMS = 1000
# Whatever is sent in millions, such as the members of an envelope, is read no further than needed.
_MAX_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One message as sent: its value, or why it could not be read; and where it lies."""

    value: Value | ProblemError
    pointer: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Who sends what."""

    client: str
    items: list[Item]


def read_submission(request: Request, client_of: ClientOf, *, many: bool) -> Submission:
    """Read *request*: one message, or *many* of them; refuse what cannot be taken as a whole."""
    token = bearer_token(request.headers.get("authorization"))
    client = None if token is None else known_client(token, client_of)
    if request.media_type() == NDJSON:
        if not many:
            raise unsupported("NDJSON is for the batch route.")
        if client is None:
            raise missing_token()
        return Submission(client, _counted(list(islice(_lines(request.body()), MAX_ITEMS + 1))))
    document = read(request.body())
    envelope = members(document, _MAX_MEMBERS) if document.is_object() else {}
    sent = envelope.get("token")
    if token is None or client is None:
        if sent is None:
            raise missing_token()
        client = known_client(sent.python(), client_of)
    elif sent is not None:
        require_same(token, sent.python())
    data = _data(document, envelope)
    if not many:
        return Submission(client, [Item(data, "/data")])
    if not data.is_array():
        raise _invalid([_fault("/data", "list_type", "An array of messages is needed")])
    found = [
        Item(value, f"/data/{index}") for index, value in enumerate(items(data, MAX_ITEMS + 1))
    ]
    return Submission(client, _counted(found))


def _data(document: Value, envelope: dict[str, Value]) -> Value:
    if not document.is_object():
        raise _invalid([_fault("", "model_type", "An object with the member data is needed")])
    faults = [
        _fault(pointer("", [name]), "extra_forbidden", "Only token and data are known here")
        for name in envelope
        if name not in ("token", "data")
    ]
    if "data" not in envelope:
        faults.insert(0, _fault("/data", "missing", "Field required"))
    if faults:
        raise _invalid(faults)
    return envelope["data"]


def _lines(raw: bytes) -> Iterator[Item]:
    for line in raw.split(b"\n"):
        if not line.strip(b" \t\r"):
            continue
        try:
            yield Item(read(line), "")
        except ProblemError as problem:
            yield Item(problem, "")


def _counted(found: list[Item]) -> list[Item]:
    if not found:
        raise _invalid([_fault("", "too_short", "At least one message is needed")])
    if len(found) > MAX_ITEMS:
        raise ProblemError(Kind.TOO_LARGE, f"A batch may have {MAX_ITEMS} messages.")
    return found


def _fault(at: str, code: str, detail: str) -> Fault:
    return {"pointer": at, "code": code, "detail": detail}


def _invalid(faults: list[Fault]) -> ProblemError:
    return ProblemError(
        Kind.INVALID_MESSAGE, "The body is not what this route takes.", members={"errors": faults}
    )
