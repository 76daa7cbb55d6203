"""The raw tables find every object that the uploader writes, each in its partition."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from uploader.failures import Reason
from uploader.message import read_message
from uploader.objects import Write, batch_objects, message_objects, quarantine_object
from uploader.record import Record
from validator.contracts.registry import CONTRACTS

from operations.query.tables import Table, saved_queries, tables
from tests.faults.messages import sqs_record

TABLES = {table.name: table for table in tables()}


def record(contract: str) -> Record:
    """Return a record of *contract*."""
    entry: dict[str, Any] = sqs_record(1)
    entry["messageAttributes"]["contract"]["stringValue"] = contract
    return Record.from_event(entry)


def written(contract: str) -> dict[str, Write]:
    """Return what the uploader writes of a message of *contract*, by the table that reads it."""
    message = read_message(record(contract))
    [alone], [batched] = message_objects([message]), batch_objects([message])
    return {"raw_messages": alone, "raw_batches": batched}


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
@pytest.mark.parametrize("name", ["raw_messages", "raw_batches"])
def test_each_contracts_objects_are_found(contract: str, name: str) -> None:
    """Athena looks only where the projection says: what lies elsewhere is never seen."""
    key = written(contract)[name].key

    found = {each.name: each.partition_of(key) for each in TABLES.values()}

    assert found == {
        **dict.fromkeys(TABLES),
        name: {"contract": contract, "dt": "2026-01-15", "hour": "10"},
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reasons_records_are_found(reason: Reason) -> None:
    """A reason that the table does not know would hide what it quarantines."""
    key = quarantine_object(record("email"), reason).key

    assert TABLES["raw_quarantine"].partition_of(key) == {
        "reason": reason.value,
        "dt": f"{record('email').sent_at:%Y-%m-%d}",
    }


@pytest.mark.parametrize("hour", range(24))
def test_every_hour_is_found(hour: int) -> None:
    """Twenty-four partitions a day, the first of them 00."""
    message = read_message(record("email"))
    moment = datetime(2026, 2, 28, hour, tzinfo=UTC)
    [object_] = message_objects([replace(message, received_at=moment)])

    found = TABLES["raw_messages"].partition_of(object_.key)

    assert found == {"contract": "email", "dt": "2026-02-28", "hour": f"{hour:02}"}


@pytest.mark.parametrize(
    "key",
    [
        "messages/contract=unknown/dt=2026-01-15/hour=10/x.json",
        "messages/contract=email/dt=2025-12-31/hour=10/x.json",
        "messages/contract=email/dt=2026-01-15/hour=24/x.json",
        "messages/contract=email/dt=2026-01-15/hour=7/x.json",
        "messages/contract=email/dt=2026-1-15/hour=07/x.json",
        "batches/dt=2026-01-15/hour=10/x.ndjson.gz",
        "idempotency/email/x",
    ],
)
def test_what_the_projection_does_not_make_is_not_found(key: str) -> None:
    """The one-machine stack must not show what Athena would not."""
    assert [table.name for table in TABLES.values() if table.partition_of(key)] == []


def test_a_changed_projection_is_noticed() -> None:
    """The tests above judge the template, so they must fail where it changes."""
    table = TABLES["raw_messages"]
    key = written("email")["raw_messages"].key
    changes = {
        "projection.contract.values": "orders",
        "projection.dt.range": "2026-01-16,NOW",
        "projection.hour.range": "11,23",
        "projection.hour.digits": "1",
    }

    for name, value in changes.items():
        changed: Table = table._replace(projection={**table.projection, name: value})
        assert changed.partition_of(key) is None, name
    for template in (table.template.replace("dt=", "day="), "batches/contract=${contract}/"):
        assert table._replace(template=template).partition_of(key) is None


def test_a_batch_is_lines_that_begin_with_the_envelope() -> None:
    """The views cut a line at its first members, so these have to be the envelope's."""
    body = gzip.decompress(written("email")["raw_batches"].body)

    assert body.startswith(b'{"message_id": "')
    assert b', "message": {' in body


def test_values_stand_in_a_saved_query_as_text() -> None:
    """A quote in a value must not end the text."""
    query = saved_queries()["message"]

    sql = query.with_values(["email", "2026-01-15", "it's ? --"])

    assert "contract = 'email' AND dt = '2026-01-15' AND message_id = 'it''s ? --'" in sql


def test_a_saved_query_says_what_it_needs() -> None:
    """Too few values would ask something else."""
    with pytest.raises(SystemExit, match="needs 3 values, and 1 are given"):
        saved_queries()["message"].with_values(["email"])
