"""The OpenAPI document: what is served and true."""

import json

import pytest
from pydantic import create_model
from validator.contracts import models
from validator.contracts.fields import NonEmptyText
from validator.contracts.models import Contract, Part
from validator.contracts.registry import CONTRACTS, UnusableContractError, contracts_of
from validator.problems import Kind

from maintenance.openapi_document import openapi_document, refuse_taken_names
from maintenance.openapi_schemas import SCHEMAS


def test_a_contract_added_in_one_file_appears_everywhere() -> None:
    """Route, look-up, batch, schema and example follow from the model alone."""
    model = create_model("SensorReading", __base__=Contract, value=(NonEmptyText, ...))
    model.example = {"value": "21.5"}
    contracts = contracts_of({**vars(models), "x": model})

    paths = openapi_document("1", contracts)["paths"]

    assert contracts.keys() == CONTRACTS.keys() | {"sensor-reading"}
    for path in ("", "/batch", "/{message_id}"):
        assert f"/messages/sensor-reading{path}" in paths
    body = paths["/messages/sensor-reading"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"] == {"data": {"value": "21.5"}}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_class_named_like_one_of_weirs_own_schemas_stops_the_generator(name: str) -> None:
    """One of the two would be documented as the other."""
    part = create_model(name, __base__=Part)
    order = create_model("Order", __base__=Contract, part=(list[part], ...))  # type: ignore[valid-type]

    for contract in (create_model(name, __base__=Contract), order):
        with pytest.raises(UnusableContractError, match=f"Weir's own schema is named {name}"):
            refuse_taken_names({"x": contract})


def test_names_every_contract_and_every_problem() -> None:
    """What is not in the document does not exist for a generated client."""
    text = json.dumps(openapi_document("1"))

    assert all(f"/messages/{name}/batch" in text for name in CONTRACTS)
    assert all(kind.uri in text for kind in Kind)


def test_names_the_headers_that_a_sender_acts_upon() -> None:
    """A generated client cannot wait, or look its message up, by what it is not told of."""
    responses = openapi_document("1")["paths"]["/messages/email"]["post"]["responses"]

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
