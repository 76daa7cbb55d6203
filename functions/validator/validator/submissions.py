"""What a POST brings: its client, and its items, each read by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from .access import ClientOf, bearer_token, known_client, missing_token, require_same
from .documents import Value, items, members, read
from .faults import Fault, pointer
from .problems import Kind, ProblemError
from .requests import NDJSON, Request, unsupported

MAX_ITEMS = 1000


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
        return Submission(client, _counted(list(_lines(request.body()))))
    document = read(request.body())
    envelope = members(document) if isinstance(document.python, dict) else {}
    sent = envelope.get("token")
    if token is None or client is None:
        if sent is None:
            raise missing_token()
        client = known_client(sent.python, client_of)
    elif sent is not None:
        require_same(token, sent.python)
    data = _data(document, envelope)
    if not many:
        return Submission(client, [Item(data, "/data")])
    if not isinstance(data.python, list):
        raise _invalid([_fault("/data", "list_type", "An array of messages is needed")])
    found = [Item(value, f"/data/{index}") for index, value in enumerate(items(data))]
    return Submission(client, _counted(found))


def _data(document: Value, envelope: dict[str, Value]) -> Value:
    if not isinstance(document.python, dict):
        raise _invalid([_fault("", "model_type", "An object with the member data is needed")])
    faults = [
        _fault(pointer("", [name]), "extra_forbidden", "Only token and data are known here")
        for name in envelope
        if name not in ("token", "data")
    ]
    if "data" not in envelope:
        faults.insert(0, _fault("/data", "missing", "Field required"))
    if faults:
        raise _invalid(faults[:100])
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
