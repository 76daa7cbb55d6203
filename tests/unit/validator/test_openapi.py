"""The OpenAPI document: what is committed, served and true."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import create_model
from validator.contracts import Contract
from validator.openapi import openapi_document
from validator.problems import Kind
from validator.registry import CONTRACTS, contracts_of
from validator.texts import NonEmptyText

DOCS = Path(__file__).parents[3] / "docs"


def generator() -> Any:
    """Return the module that writes the committed documents."""
    spec = importlib.util.spec_from_file_location("docs_openapi", DOCS / "openapi.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["openapi.json", "openapi-3.0.json"])
def test_is_committed_as_it_is_made(name: str) -> None:
    """A document that fell behind would mislead every generated client: run docs/openapi.py."""
    assert (DOCS / name).read_text() == generator().documents()[name]


def test_the_older_document_says_what_3_0_can_say() -> None:
    """API Gateway imports 3.0: no const, no null type, no exclusive numbers."""
    newer = {"const": 1, "anyOf": [{"type": "string"}, {"type": "null"}], "exclusiveMinimum": 0}

    assert generator().downgraded({"schema": newer})["schema"] == {
        "enum": [1],
        "anyOf": [{"type": "string"}],
        "nullable": True,
        "minimum": 0,
        "exclusiveMinimum": True,
    }


def test_a_contract_added_in_one_file_appears_everywhere() -> None:
    """Route, look-up, batch, schema and example follow from the model alone."""
    model = create_model("SensorReading", __base__=Contract, value=(NonEmptyText, ...))
    model.example = {"value": "21.5"}
    contracts = contracts_of({**vars(importlib.import_module("validator.contracts")), "x": model})

    paths = openapi_document("1", "email", contracts)["paths"]

    assert contracts.keys() == CONTRACTS.keys() | {"sensor-reading"}
    for path in ("", "/batch", "/{message_id}"):
        assert f"/messages/sensor-reading{path}" in paths
    body = paths["/messages/sensor-reading"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"] == {"data": {"value": "21.5"}}


def test_names_every_contract_and_every_problem() -> None:
    """What is not in the document does not exist for a generated client."""
    text = json.dumps(openapi_document("1", "email"))

    assert all(f"/messages/{name}/batch" in text for name in CONTRACTS)
    assert all(kind.uri in text for kind in Kind)


def test_names_the_headers_that_a_sender_acts_upon() -> None:
    """A generated client cannot wait, or look its message up, by what it is not told of."""
    responses = openapi_document("1", "email")["paths"]["/messages/email"]["post"]["responses"]

    named = {
        status: set(answer["headers"])
        for status, answer in responses.items()
        if "headers" in answer
    }

    assert named == {
        "202": {"Location"},
        "415": {"Accept", "Accept-Encoding"},
        "503": {"Retry-After"},
    }
