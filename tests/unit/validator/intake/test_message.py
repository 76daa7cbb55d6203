"""Messages: the contract with the uploader, and the size that SQS counts."""

from dataclasses import replace
from typing import Any

import pytest
from validator.contracts.models import Contract
from validator.contracts.registry import CONTRACTS
from validator.intake.json_text import read
from validator.intake.message import Message

from tests.support.events import event


def recorded() -> list[dict[str, Any]]:
    """Return the records of the sample that validator and uploader share."""
    records: list[dict[str, Any]] = event("uploader/batch")["Records"]
    return records


@pytest.mark.parametrize("record", recorded(), ids=lambda record: record["body"][:20])
def test_writes_what_the_uploader_reads(record: dict[str, Any]) -> None:
    """The recorded sample is the contract: body, attributes and group, and nothing else."""
    attributes = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
    model = CONTRACTS[attributes["contract"]]

    entry = Message(
        message_id=attributes["message_id"],
        contract=attributes["contract"],
        contract_version=model.version,
        layout="message",
        client=record["attributes"]["MessageGroupId"],
        body=read(record["body"].encode()).message_text(),
    ).entry("0")

    assert entry["MessageBody"] == record["body"]
    assert entry["MessageGroupId"] == record["attributes"]["MessageGroupId"]
    assert {
        name: (value["DataType"], value["StringValue"])
        for name, value in entry["MessageAttributes"].items()
    } == {
        name: (value["dataType"], value["stringValue"])
        for name, value in record["messageAttributes"].items()
    }


@pytest.mark.parametrize("model", CONTRACTS.values(), ids=CONTRACTS)
def test_every_contract_has_a_version(model: type[Contract]) -> None:
    """Readers of old objects must know what they were checked against."""
    assert model.version.isdigit()


MESSAGE = Message(
    "019bc12b-c62b-7224-8417-f956ac7c599f", "email", "1", "message", "acme", '{"a":"\u00e9"}'
)


def test_counts_bytes_as_sqs_does() -> None:
    """Body, and name, type and value of each attribute: SQS refuses the message otherwise."""
    body = len('{"a":"x"}') + 1
    attributes = {"message_id": 36, "contract": 5, "client": 4, "contract_version": 1, "layout": 7}

    assert MESSAGE.size_bytes() == body + sum(
        len(name) + len("String") + length for name, length in attributes.items()
    )


def test_gives_a_receipt() -> None:
    """The sender gets all that is needed to ask for the message later."""
    assert MESSAGE.receipt() == {
        "message_id": "019bc12b-c62b-7224-8417-f956ac7c599f",
        "contract": "email",
        "status": "queued",
        "received_at": "2026-01-15T10:20:30.123Z",
    }
    assert MESSAGE.location() == "/messages/email/019bc12b-c62b-7224-8417-f956ac7c599f"


def test_gives_no_place_where_nothing_can_be_looked_up() -> None:
    """In layout batch every look-up answers 404: a Location would be a lie."""
    assert replace(MESSAGE, layout="batch").location() is None


def test_the_context_travels_as_one_attribute() -> None:
    """And is part of what SQS counts; a message without one has none."""
    context = '{"traceparent":"x"}'
    kept = replace(MESSAGE, context=context)

    assert kept.attributes() == MESSAGE.attributes() | {"context": context}
    assert kept.size_bytes() == MESSAGE.size_bytes() + len("context" + "String" + context)
    assert "context" not in MESSAGE.attributes()
