"""The record of each contract's versions: `events/contracts/<contract>/<version>.json`.

A record holds the layout and the JSON Schema of the newest model of its version, and samples that
the version accepts. `make generated` writes a record for a new version, and again when the model
accepts more than it did; it never writes that a version accepts less.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from validator.contracts.models import Contract

from operations.project import ROOT

from .schema import Schema, essence

FOLDER = ROOT / "events" / "contracts"


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a contract: the schema that it accepts, and the layout of its messages."""

    contract: str
    version: str
    layout: str | None
    schema: Schema
    samples: list[dict[str, Any]]

    @classmethod
    def of(cls, contract: str, model: type[Contract]) -> "Record":
        """Return the record of *model* as it is now."""
        schema = essence(model.model_json_schema())
        return cls(contract, model.version, model.layout, schema, [model.example])

    def taken_over(self, before: "Record") -> "Record":
        """Return this record with the samples of the one *before*, and its own if they are new."""
        added = [sample for sample in self.samples if sample not in before.samples]
        return replace(self, samples=[*before.samples, *added])

    def text(self) -> str:
        """Return what the record's file holds."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def path_of(contract: str, version: str, folder: Path = FOLDER) -> Path:
    """Return where the record of *version* is."""
    return folder / contract / f"{version}.json"


def read(path: Path) -> Record:
    """Return the record in the file *path*."""
    return Record(**json.loads(path.read_text()))


def records(contract: str, folder: Path = FOLDER) -> list[Record]:
    """Return the records of *contract*, the oldest version first."""
    found = [read(path) for path in (folder / contract).glob("*.json")]
    return sorted(found, key=lambda record: int(record.version))


def recorded_contracts(folder: Path = FOLDER) -> Iterator[str]:
    """Yield the name of each contract that has a record."""
    yield from sorted(path.name for path in folder.glob("*/") if any(path.glob("*.json")))
