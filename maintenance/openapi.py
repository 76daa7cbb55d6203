"""The OpenAPI document that the validator serves, and one for what cannot read OpenAPI 3.1.

API Gateway imports OpenAPI 3.0 alone: docs/openapi-3.0.json.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operations.project import ROOT

from .openapi_document import openapi_document


def release() -> str:
    """Return the version of this release."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        version: str = tomllib.load(file)["project"]["version"]
    return version


def downgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 *document* in the words of 3.0."""
    changed: dict[str, Any] = _in_3_0(document)
    return {**changed, "openapi": "3.0.3"}


def _in_3_0(node: Any) -> Any:
    if isinstance(node, list):
        return [_in_3_0(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _in_3_0(value) for name, value in node.items()}
    if "const" in changed:
        changed["enum"] = [changed.pop("const")]
    for bound in ("minimum", "maximum"):
        exclusive = "exclusive" + bound.capitalize()
        if isinstance(changed.get(exclusive), int | float):
            changed |= {bound: changed[exclusive], exclusive: True}
    choices = changed.get("anyOf", [])
    if {"type": "null"} in choices:
        changed |= {"anyOf": [choice for choice in choices if choice != {"type": "null"}]}
        changed["nullable"] = True
    return changed


def files() -> Iterator[tuple[Path, str]]:
    """Yield each document's file, and its text."""
    newest = openapi_document(release())
    for name, document in {
        "functions/validator/validator/http/openapi.json": newest,
        "docs/openapi-3.0.json": downgraded(newest),
    }.items():
        yield ROOT / name, json.dumps(document, indent=2) + "\n"
