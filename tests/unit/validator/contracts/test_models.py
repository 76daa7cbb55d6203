"""The contracts that ship, and what every contract must keep to."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validator.contracts.faults import faults_of
from validator.contracts.models import Contract, Email, FourFields, Timestamped
from validator.contracts.registry import CONTRACTS

EVERY_CONTRACT = pytest.mark.parametrize("model", CONTRACTS.values(), ids=CONTRACTS)
NOT_TEXT: list[Any] = [None, 12, 1.5, True, [], {}, ["x"], ""]


def faults(model: type[Contract], data: Any) -> dict[str, str]:
    """Return the codes of the faults of *data*, by pointer."""
    found, _ = faults_of(model, json.dumps(data), "", 100)
    return {fault["pointer"]: fault["code"] for fault in found}


@EVERY_CONTRACT
def test_every_contract_accepts_its_own_example(model: type[Contract]) -> None:
    """The example is what the documentation tells senders to send."""
    assert faults(model, model.example) == {}


@EVERY_CONTRACT
@pytest.mark.parametrize("data", [None, 1, "text", [], [1], True])
def test_every_contract_refuses_what_is_no_object(model: type[Contract], data: Any) -> None:
    """A message is a JSON object."""
    assert faults(model, data).keys() == {""}


@EVERY_CONTRACT
def test_every_contract_is_strict(model: type[Contract]) -> None:
    """A lax contract would accept `"12"` as a number and store what no reader expects."""
    assert model.model_config["strict"] is True
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("member", Email.example)
@pytest.mark.parametrize("value", NOT_TEXT, ids=repr)
def test_email_wants_text_in_each_member(member: str, value: Any) -> None:
    """A number or a null where text belongs is a sender's bug."""
    assert faults(Email, {**Email.example, member: value}).keys() == {f"/{member}"}


@pytest.mark.parametrize("member", Email.example)
def test_email_wants_every_member(member: str) -> None:
    """The contract says exactly four."""
    data = {name: value for name, value in Email.example.items() if name != member}

    assert faults(Email, data) == {f"/{member}": "missing"}


def test_email_wants_no_other_member() -> None:
    """The contract says exactly four."""
    assert faults(Email, {**Email.example, "x": "y"}) == {"/x": "extra_forbidden"}


def test_email_tells_every_fault_at_once() -> None:
    """A sender corrects a message in one go."""
    data = {"email_subject": "", "email_sender": 5, "email_timestream": "soon", "extra": 1}

    assert faults(Email, data) == {
        "/email_subject": "string_too_short",
        "/email_sender": "string_type",
        "/email_timestream": "timestream",
        "/email_content": "missing",
        "/extra": "extra_forbidden",
    }


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.just("x"), max_size=8))
def test_four_fields_counts_fields_of_any_name(data: dict[str, str]) -> None:
    """Four or more are fine, whatever they are called."""
    assert (faults(FourFields, data) == {}) is (len(data) >= 4)


@pytest.mark.parametrize("value", NOT_TEXT, ids=repr)
def test_four_fields_wants_text_in_each(value: Any) -> None:
    """Each field is non-empty text, the fifth as well."""
    data = {**FourFields.example, "field5": value}

    assert faults(FourFields, data).keys() == {"/field5"}


def test_four_fields_says_how_many_are_missing_and_what_is_wrong_with_the_rest() -> None:
    """A sender corrects a message in one go."""
    found, count = faults_of(FourFields, '{"a": "x", "b": "", "c": "z"}', "/data", 100)

    assert count == 2
    assert {fault["pointer"]: fault["detail"] for fault in found} == {
        "/data/b": "String should have at least 1 character",
        "/data": "At least 4 fields are needed: 1 more",
    }


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers() | st.lists(st.text())))
def test_timestamped_keeps_any_other_member(data: dict[str, Any]) -> None:
    """The contract is for events of every shape that say when they happened."""
    assert faults(Timestamped, {**data, "email_timestream": "0"}) == {}


@pytest.mark.parametrize("data", [{}, {"email_timestream": 1693561101}, {"email_timestream": ""}])
def test_timestamped_wants_a_valid_time(data: dict[str, Any]) -> None:
    """Without its time the message is worth nothing."""
    assert faults(Timestamped, data).keys() == {"/email_timestream"}
