"""The uploader's side of `events/agreement.json`: what it must agree on with the validator.

The validator's side is `tests/unit/validator/test_agreement.py`. A rule that changes on one side
alone fails the test of that side.
"""

from collections.abc import Callable

import pytest
from uploader.failures import PermanentError, Reason
from uploader.message import Message
from uploader.objects import batch_objects, message_objects

from tests.support.events import agreement

MakeMessage = Callable[..., Message]

AGREEMENT = agreement()

# Per list of the agreement: the message attribute it is about, and why a bad one is refused.
RULES = {
    "message_ids": ("message_id", Reason.MESSAGE_ID_INVALID),
    "contract_names": ("contract", Reason.CONTRACT_INVALID),
    "contract_versions": ("contract_version", Reason.CONTRACT_VERSION_INVALID),
    "client_names": ("client", Reason.CLIENT_INVALID),
    "layouts": ("layout", Reason.LAYOUT_INVALID),
    "contexts": ("context", Reason.CONTEXT_INVALID),
}


def agreed(verdict: str) -> list[tuple[str, str]]:
    """Return every value that the agreement calls *verdict*, with the name of its list."""
    return [(rule, value) for rule in RULES for value in AGREEMENT[rule][verdict]]


@pytest.mark.parametrize("agreed_object", AGREEMENT["objects"], ids=lambda entry: entry["key"][:40])
def test_an_object_lies_where_the_look_up_searches(
    make_message: MakeMessage, agreed_object: dict[str, str]
) -> None:
    """The validator has no database: it derives the key, and says since when it has the message."""
    attributes = {name: agreed_object[name] for name in ("contract", "message_id")}

    [write] = message_objects([make_message(attributes)])
    [batch] = batch_objects([make_message(attributes)])

    assert write.key == agreed_object["key"]
    assert batch.key.startswith(agreed_object["batch_prefix"])
    assert write.metadata["received_at"] == agreed_object["received_at"]


@pytest.mark.parametrize(("rule", "value"), agreed("good"))
def test_what_the_validator_may_send_is_stored(
    make_message: MakeMessage, rule: str, value: str
) -> None:
    """The sender was answered 202: refusing the message here would quarantine it."""
    attribute, _ = RULES[rule]

    message = make_message({attribute: value})

    assert getattr(message, attribute) == value


@pytest.mark.parametrize(("rule", "value"), agreed("bad"))
def test_what_the_validator_never_sends_is_refused(
    make_message: MakeMessage, rule: str, value: str
) -> None:
    """The values become keys and metadata, so nothing outside the agreement may pass."""
    attribute, reason = RULES[rule]

    with pytest.raises(PermanentError) as caught:
        make_message({attribute: value})

    assert caught.value.reason is reason


def test_every_list_of_the_agreement_is_held_here() -> None:
    """A rule added to the agreement alone would bind nobody."""
    assert AGREEMENT.keys() - {"description"} == RULES.keys() | {"objects"}
