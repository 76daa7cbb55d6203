"""What the uploader stores is what a query reads: each value, each message once."""

import dataclasses
import json
import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import Field
from uploader.message import Message, read_message
from uploader.objects import batch_objects, message_objects
from uploader.record import Record
from validator.contracts.models import Contract, Part
from validator.contracts.registry import CONTRACTS

from operations.query import views
from operations.query.answer import Answer
from operations.query.dialect import RefusedError
from operations.query.one_machine import ask
from operations.query.tables import saved_queries, tables
from tests.faults.messages import message_id, sqs_record
from tests.support.bucket import FakeS3

HOSTILE = [
    "",
    " ",
    "'; DROP TABLE email; --",
    '"quoted" \\ and \\u0041',
    "\x00\x01\x1f\x7f\x85",
    "\r\n\t",
    "\u2028\u2029\ufeff\u202e",
    "🦫é\u0301ß",
    '{"message_id": "0", "message": {}}',
    '"message": ',
    "NULL",
    r"\N",
    "$1 ${dt} %s",
]
INTEGER = "123456789012345678901234567890"
DECIMAL = "12345678901234567890.123456789012345678901234567890"


class Address(Part):
    """A nested part."""

    city: str
    number: Annotated[int, Field(ge=1, le=9999)]
    area: float


class Order(Contract):
    """A contract with nested parts, lists and every kind of number."""

    amount: int
    price: float
    count: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    paid: bool
    address: Address
    note: str | None = None
    tags: list[str]


# Its messages travel under a name that the tables' partitions know.
ORDERS: dict[str, type[Contract]] = {"four-fields": Order}
MADE = views.views(
    views.statements(
        {name: model.model_json_schema() for name, model in {**CONTRACTS, **ORDERS}.items()}
    )
)


def sent(number: int) -> tuple[str, str, dict[str, Any]]:
    """Return contract and text of message *number*, and what its view has to show."""
    text = HOSTILE[number % len(HOSTILE)]
    digits = random.Random(number).randrange(10**29, 10**30)  # noqa: S311
    written = json.dumps(text, ensure_ascii=number % 2 == 0)
    match number % 4:
        case 0:
            return (
                "email",
                f'{{"email_subject": {written}, "email_sender": "{number}",'
                f' "email_timestream": "1693561101", "email_content": {written}}}',
                {
                    "email_subject": text,
                    "email_sender": str(number),
                    "email_timestream": "1693561101",
                    "email_content": text,
                },
            )
        case 1:
            return "any-object", f'{{"n":{digits}, "text": {written}, "d": {DECIMAL}}}', {}
        case 2:
            return (
                "timestamped",
                f'{{"key": {written}, "email_timestream": "2026-01-01T00:00:00Z"}}',
                {"email_timestream": "2026-01-01T00:00:00Z"},
            )
    return (
        "four-fields",
        f'{{"amount": {digits}, "price": {digits}.{digits}e-7, "count": -{number},'
        f' "paid": {"true" if number % 8 == 3 else "false"}, "note": null,'
        f' "address": {{"city": {written}, "number": {1 + number % 9999}, "area": {DECIMAL}}},'
        f' "tags": [{written}, "b"]}}',
        {
            "amount": str(digits),
            "price": f"{digits}.{digits}e-7",
            "count": str(-number),
            "paid": "true" if number % 8 == 3 else "false",
            "note": None,
            "address_city": text,
            "address_number": str(1 + number % 9999),
            "address_area": DECIMAL,
        },
    )


def message(number: int) -> Message:
    """Return message *number* as the uploader reads it."""
    contract, text, _ = sent(number)
    entry: dict[str, Any] = sqs_record(number)
    entry["body"] = text
    entry["messageAttributes"]["contract"]["stringValue"] = contract
    return read_message(Record.from_event(entry))


def received_at(identity: str) -> str:
    """Return the time that a message id carries."""
    milliseconds = int(identity.replace("-", "")[:12], 16)
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def stored(numbers: list[int], layout: str) -> dict[str, bytes]:
    """Return the objects of these messages, after two deliveries in groups of other sizes."""
    objects_of = {"message": message_objects, "batch": batch_objects}[layout]
    messages = [message(number) for number in numbers]
    groups = [messages[at : at + 100] for at in range(0, len(messages), 100)]
    groups += [messages[at : at + 37] for at in range(0, len(messages), 37)]
    return {write.key: write.body for group in groups for write in objects_of(group)}


def answer(objects: Mapping[str, bytes], sql: str) -> Answer:
    """Return what these objects answer."""
    s3: Any = FakeS3(objects)
    return ask(s3, "bucket", sql, made=MADE)


def rows(objects: Mapping[str, bytes], sql: str) -> list[list[str | None]]:
    """Return the rows of the answer."""
    return [list(row) for row in answer(objects, sql).rows]


@pytest.mark.parametrize("layout", ["message", "batch", "both"])
def test_two_thousand_messages_are_read_back_value_by_value(layout: str) -> None:
    """Four contracts, nested parts, hostile text, long numbers, and every message twice."""
    numbers = list(range(200 if layout == "both" else 2_000))
    objects: dict[str, bytes] = {}
    if layout != "batch":
        objects |= stored(numbers, "message")
    if layout != "message":
        objects |= stored(numbers, "batch")
    expected = {message_id(number): sent(number) for number in numbers}

    found: dict[str, int] = {}
    for view in ("email", "any_object", "timestamped", "four_fields"):
        read = answer(objects, f"SELECT * FROM {view}")
        for row in read.rows:
            values = dict(zip(read.names, row, strict=True))
            identity = str(values["message_id"])
            contract, text, columns = expected[identity]
            found[identity] = found.get(identity, 0) + 1
            assert contract.replace("-", "_") == view
            assert values["message"] == text
            assert columns.items() <= values.items()
            assert values["received_at"] == received_at(identity)
            if "tags" in values:
                assert json.loads(str(values["tags"])) == json.loads(text)["tags"]

    assert found == dict.fromkeys(expected, 1)


@pytest.mark.parametrize("context", ["", json.dumps({"message": '": {}', "ce_id": '\\n"'})])
def test_what_is_kept_beside_a_message_is_a_column_of_layout_batch(context: str) -> None:
    """CloudEvents' attributes and a trace; a name like `message` among them changes nothing."""
    number = 2
    kept = dataclasses.replace(message(number), context=context)
    [write] = batch_objects([kept])

    found = rows({write.key: write.body}, "SELECT context, message FROM timestamped")

    assert found == [[context or None, sent(number)[1]]]


def test_each_value_has_its_type() -> None:
    """A bounded integer can be added up; text cannot, and says so."""
    objects = stored([3, 7, 11], "batch")

    assert answer(objects, "SELECT count, paid, amount FROM four_fields").types == [
        "bigint",
        "boolean",
        "varchar",
    ]
    assert rows(objects, "SELECT sum(count) FROM four_fields WHERE paid") == [["-14"]]
    with pytest.raises(RefusedError, match="amount is text"):
        rows(objects, "SELECT sum(amount) FROM four_fields")


def test_a_member_that_the_model_does_not_know_is_reached_through_the_message() -> None:
    """A contract may let in more than it names."""
    objects = stored(list(range(8)), "message")

    found = rows(
        objects,
        "SELECT json_extract_scalar(message, '$.d'), json_extract_scalar(message, '$.text')"
        " FROM any_object ORDER BY message_id",
    )

    assert found == [[DECIMAL, HOSTILE[1]], [DECIMAL, HOSTILE[5]]]


@pytest.mark.parametrize("view", ["all_messages", *(name.replace("-", "_") for name in CONTRACTS)])
def test_a_stack_without_objects_answers(view: str) -> None:
    """The first question comes before the first message."""
    s3: Any = FakeS3({})

    assert list(ask(s3, "bucket", f"SELECT count(*) FROM {view}").rows) == [["0"]]


@pytest.mark.parametrize("name", saved_queries())
@pytest.mark.parametrize("objects", [{}, stored(list(range(40)), "batch")])
def test_every_saved_query_runs(name: str, objects: dict[str, bytes]) -> None:
    """A saved query is run by whoever is in a hurry."""
    query = saved_queries()[name]
    values = ["email", "2026-01-15", message_id(0)][: query.value_count]

    found = rows(objects, query.with_values(values))

    assert len(found) == (1 if objects and name == "message" else 0)


def test_a_query_of_one_contract_reads_its_objects_alone() -> None:
    """On a stack that was under load, the others' objects would take minutes."""
    objects = stored(list(range(40)), "message")
    read: list[str] = []

    class Watched(FakeS3):
        def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
            read.append(Key)
            return super().get_object(Key=Key)

    s3: Any = Watched(objects)
    list(ask(s3, "bucket", "SELECT count(*) FROM email").rows)

    assert len(read) == 10
    assert all(key.startswith("messages/contract=email/") for key in read)


def test_quarantine_is_counted_by_reason() -> None:
    """A record of several lines is one record."""
    objects = {
        "quarantine/reason=body-not-json/dt=2026-01-15/a.txt": b"one\ntwo\n",
        "quarantine/reason=body-not-json/dt=2026-01-15/b.txt": b"three",
        "quarantine/reason=client-invalid/dt=2026-01-16/c.txt": b"{}",
    }

    found = rows(
        objects,
        'SELECT reason, count(DISTINCT "$path"), count(*) FROM raw_quarantine'
        " GROUP BY reason ORDER BY reason",
    )

    assert found == [["body-not-json", "2", "3"], ["client-invalid", "1", "1"]]


def test_a_table_hides_its_path_as_athena_does() -> None:
    """Whoever copies `SELECT *` to Athena has to see the same columns."""
    assert answer({}, "SELECT * FROM raw_messages").names == ["line", "contract", "dt", "hour"]
    assert [table.name for table in tables()] == ["raw_messages", "raw_batches", "raw_quarantine"]


def test_a_query_can_read_nothing_but_the_tables(tmp_path: Any) -> None:
    """SQL comes from a person, and may be pasted from anywhere."""
    for sql in (
        f"SELECT * FROM read_csv('{tmp_path}/secret')",
        f"SELECT read_text('{tmp_path}/secret')",
        f'SELECT * FROM "{tmp_path}/secret.csv"',
        "SELECT * FROM duckdb_settings()",
        "SELECT getenv('HOME')",
    ):
        with pytest.raises(RefusedError):
            rows({}, sql)


def test_columns_of_a_view_are_those_of_its_statement() -> None:
    """`make query` lists them, and the translator knows their types."""
    for name, sql in MADE.items():
        last = re.findall(r"^  (?:.* AS )?\"?(\w+)\"?,?$", sql.partition("\nFROM")[0], re.MULTILINE)
        assert answer({}, f"SELECT * FROM {name}").names == last
