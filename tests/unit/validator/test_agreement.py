"""The agreement with the uploader: the validator's own rules give what both sides recorded."""

import json

import pytest
from validator.contracts.models import AnyObject
from validator.contracts.registry import (
    UnusableContractError,
    contracts_of,
    is_contract_name,
    is_contract_version,
)
from validator.intake.context import MAX_CONTEXT_BYTES, context_text
from validator.intake.message_id import is_message_id, received_at_of, timestamp
from validator.problems import ProblemError
from validator.receipts import object_key
from validator.tokens.parameters import is_client_name

from tests.support.events import agreement
from tests.unit.validator.fakes import FAR
from tests.unit.validator.test_receipts import FakeListing, receipts

AGREEMENT = agreement()


def is_layout(text: str) -> bool:
    """Return whether a contract may name *text* as its layout."""
    model = type("Named", (AnyObject,), {"layout": text, "example": {}})
    try:
        contracts_of({"Named": model})
    except UnusableContractError:
        return False
    return True


def is_context(text: str) -> bool:
    """Return whether the validator can write *text* beside a message."""
    try:
        return context_text(json.loads(text or "{}")) == text and len(text) <= MAX_CONTEXT_BYTES
    except ValueError:
        return False


RULES = {
    "message_ids": is_message_id,
    "contract_names": is_contract_name,
    "contract_versions": is_contract_version,
    "client_names": is_client_name,
    "layouts": is_layout,
    "contexts": is_context,
}


def samples(verdict: str) -> list[tuple[str, str]]:
    """Return each rule's name with each of its samples, *verdict* being good or bad."""
    return [(rule, text) for rule in RULES for text in AGREEMENT[rule][verdict]]


@pytest.mark.parametrize("stored", AGREEMENT["objects"], ids=lambda stored: stored["message_id"])
def test_looks_for_a_message_where_the_uploader_stores_it(stored: dict[str, str]) -> None:
    """Under another key, a look-up would answer 404 for a message that is stored."""
    assert object_key(stored["contract"], stored["message_id"]) == stored["key"]
    assert timestamp(received_at_of(stored["message_id"])) == stored["received_at"]


@pytest.mark.parametrize("stored", AGREEMENT["objects"], ids=lambda stored: stored["message_id"])
def test_looks_for_batches_where_the_uploader_stores_them(stored: dict[str, str]) -> None:
    """Otherwise a message in a batch would be called not stored, and be sent again."""
    s3 = FakeListing(stored["batch_prefix"] + "1.ndjson.gz")

    with pytest.raises(ProblemError, match="not-traceable"):
        receipts(s3).find(stored["contract"], stored["message_id"], FAR.allows_call)


@pytest.mark.parametrize(("rule", "text"), samples("good"), ids=ascii)
def test_takes_what_the_uploader_takes(rule: str, text: str) -> None:
    """A name that only one side takes would be refused without need."""
    assert RULES[rule](text)


@pytest.mark.parametrize(("rule", "text"), samples("bad"), ids=ascii)
def test_refuses_what_the_uploader_refuses(rule: str, text: str) -> None:
    """Otherwise a message would be answered with 202 and end in quarantine."""
    assert not RULES[rule](text)


def test_knows_every_rule_of_the_agreement() -> None:
    """A rule that is added to the agreement must be held on both sides."""
    assert AGREEMENT.keys() == {"description", "objects", *RULES}
