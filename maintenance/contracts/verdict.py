"""Compares the record of a contract's version with the model of today."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema
from validator.contracts.faults import faults_of
from validator.contracts.models import Contract

from operations.query.columns import Column, columns

from . import limited
from .recorded import Record
from .schema import compared, differences, generated, unrolled

_MOST_CHARACTERS = 300
_MOST_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Breach:
    """A way in which a model does not keep the word of its version, in sentences."""

    to_senders: str = ""
    to_readers: str = ""


def breaches(record: Record, model: type[Contract]) -> list[Breach]:
    """Return each way in which *model* breaks the word of *record*: none if it keeps it."""
    now = Record.of(record.contract, model)
    return [
        *map(Breach, _refusals(record, now, model)),
        *(Breach(to_readers=each) for each in _changes_for_readers(record, now)),
    ]


def _refusals(record: Record, now: Record, model: type[Contract]) -> Iterator[str]:
    """Yield one sentence if *model* refuses what *record* accepted."""
    for sample in record.samples:
        if refusal := _refusal(model, sample):
            yield f"It refuses a recorded sample, {_shown(sample)}: {refusal}."
            return
    if record.schema == now.schema:
        return
    old, new = unrolled(record.schema), unrolled(now.schema)
    with ThreadPoolExecutor(2) as threads:
        answer = threads.submit(limited.output, "is_subschema", compared(old, new))
        written = threads.submit(limited.output, "values", generated(old, new, record.samples[0]))
    values = list(_values(written.result()))
    accepted = jsonschema.Draft202012Validator(now.schema)
    for value in values:
        # A value that both schemas allow is refused by code that no schema shows, which may have
        # refused it all along: the samples are for that.
        if not accepted.is_valid(value) and (refusal := _refusal(model, value)):
            yield f"It refuses what was accepted, such as {_shown(value)}: {refusal}."
            return
    match answer.result():
        case "false":
            changes = "; ".join(islice(differences(old, new), _MOST_CHANGES))
            yield f"Its JSON Schema takes less than the recorded one: {changes}."
        case "" if not values:
            yield (
                "Nobody can tell whether it refuses what was accepted: its JSON Schema is of a form"
                " that the comparison does not know."
            )


def _values(written: str) -> Iterator[Any]:
    for line in written.splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the last one, cut off
            return


def _refusal(model: type[Contract], value: Any) -> str:
    faults, _ = faults_of(model, json.dumps(value), "", 1)
    return " ".join([faults[0]["pointer"] or "the message", faults[0]["detail"]]) if faults else ""


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _changes_for_readers(record: Record, now: Record) -> Iterator[str]:
    """Yield one sentence for each thing that a query of stored messages would meet."""
    if now.layout != record.layout:
        yield (
            f"Its layout was {record.layout or 'that of StorageLayout'} and is"
            f" {now.layout or 'that of StorageLayout'}."
        )
    new = {column.name: column for column in columns(now.schema)}
    for column in columns(record.schema):
        if column.name not in new:
            yield f"The column {column.name} of its view goes away."
        elif (found := new[column.name]) != column:
            yield (
                f"The column {column.name} of its view was {_described(column)} and becomes"
                f" {_described(found)}."
            )


def _described(column: Column) -> str:
    return f"{column.sql_type} of {column.path}{' as JSON' if column.is_json else ''}"
