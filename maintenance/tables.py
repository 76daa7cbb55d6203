"""What the tables know of the contracts: their views, and the partitions in template.yaml."""

import re
from collections.abc import Iterator
from pathlib import Path

from uploader.failures import Reason
from validator.contracts.registry import CONTRACTS

from operations.query import views

VALUES = re.compile(r"(?<=          projection\.)(contract|reason)\.values: \S+")


def in_template(text: str) -> str:
    """Return the template's *text* with the partitions that there are, of contract and reason."""
    values = {
        "contract": ",".join(sorted(CONTRACTS)),
        "reason": ",".join(reason.value for reason in Reason),
    }
    replaced, count = VALUES.subn(lambda found: f"{found[1]}.values: {values[found[1]]}", text)
    if count != len(("raw_messages", "raw_batches", "raw_quarantine")):
        raise SystemExit("template.yaml has no raw tables in the form that is expected")
    return replaced


def files() -> Iterator[tuple[Path, str]]:
    """Yield the file of the views, and its text."""
    schemas = {name: model.model_json_schema() for name, model in CONTRACTS.items()}
    yield views.FILE, views.statements(schemas)
