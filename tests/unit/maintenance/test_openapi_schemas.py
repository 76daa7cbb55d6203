"""The schemas of the answers: what Weir answers fits what the document promises."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from validator.http.answers import batch_answer
from validator.intake.message import Message
from validator.problems import Kind, ProblemError

from maintenance.openapi_schemas import SCHEMAS

MESSAGE = Message("0190163d-8694-739b-aea5-966c26f8ad91", "email", "1", "message", "acme", "{}")
FAULT = {"pointer": "/data", "code": "missing", "detail": "Field required"}


def check(name: str, document: Any) -> None:
    """Raise ValidationError unless *document* fits the schema *name*."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(schema).validate(document)


def test_a_receipt_fits() -> None:
    """A generated client refuses what the document does not promise."""
    check("Receipt", MESSAGE.receipt())


@pytest.mark.parametrize("kind", Kind)
def test_every_problem_fits(kind: Kind) -> None:
    """The document lists every type and status."""
    check("Problem", ProblemError(kind, "No.", members={"errors": [FAULT]}).document)


def test_a_batch_fits() -> None:
    """Receipts and problems stand side by side."""
    refused = ProblemError(Kind.INVALID_MESSAGE, "No.", members={"errors": [FAULT]})

    check("BatchReceipt", json.loads(batch_answer([MESSAGE, refused])["body"]))


@pytest.mark.parametrize("member", ["message_id", "contract", "status", "received_at"])
def test_a_receipt_lacks_nothing(member: str) -> None:
    """A schema without required members would let anything through."""
    receipt = {name: value for name, value in MESSAGE.receipt().items() if name != member}

    with pytest.raises(ValidationError):
        check("Receipt", receipt)
