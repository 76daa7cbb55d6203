"""What is said of each contract, and when its record may change."""

from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field
from validator.contracts.fields import NonEmptyText
from validator.contracts.models import Contract

from maintenance.contracts import report
from maintenance.contracts.recorded import Record, path_of
from maintenance.contracts.report import Finding, findings


class Order(Contract):
    """The contract as it was recorded."""

    example: ClassVar[dict[str, Any]] = {"order_id": "4711", "weight": 7}

    order_id: NonEmptyText
    weight: int = Field(ge=0, le=100)


class Narrower(Order):
    """What was accepted is refused."""

    example: ClassVar[dict[str, Any]] = {"order_id": "4711", "weight": 7, "colour": "red"}

    colour: NonEmptyText


class Raised(Narrower):
    """The same, said."""

    version = "2"


class Batched(Order):
    """Stored in another way."""

    layout: ClassVar[Literal["message", "batch"] | None] = "batch"


def recorded(folder: Path, model: type[Contract] = Order) -> Record:
    """Write the record of *model*, and return it."""
    record = Record.of("order", model)
    path = path_of("order", model.version, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_text(record.text())
    return record


def found(folder: Path, model: type[Contract]) -> Finding:
    """Return the one finding of *model*."""
    [finding] = findings({"order": model}, folder)
    return finding


def test_every_contract_keeps_its_word() -> None:
    """CI holds every change to it; make contracts says the same."""
    broken = [finding.text for finding in report.today() if not finding.is_good]

    assert not broken, "\n".join(broken)


def test_a_new_contract_is_recorded(tmp_path: Path) -> None:
    """From then on its version is bound."""
    finding = found(tmp_path, Order)

    assert finding.is_good
    assert finding.path == tmp_path / "order" / "1.json"
    assert finding.record == Record.of("order", Order).text()


def test_words_for_people_are_not_recorded(tmp_path: Path) -> None:
    """A docstring or a default changes nothing for a message."""
    recorded(tmp_path)
    reworded = type("Reworded", (Order,), {"__doc__": "Other words."})

    assert found(tmp_path, reworded).text == "order 1 is as recorded."


def test_a_breach_fails_and_says_what_to_do(tmp_path: Path) -> None:
    """The record stays as it is: otherwise the next run would find nothing wrong."""
    record = recorded(tmp_path)

    finding = found(tmp_path, Narrower)

    assert not finding.is_good
    assert finding.record == record.text()
    for words in (
        "order 1 does not keep its word",
        '{"order_id": "4711", "weight": 7}',
        "/colour Field required",
        "class NarrowerV2 (POST /messages/order-v2)",
        'Raise its version to "2" and run make generated',
        "gets 422 from the deployment on",
        "contract_version",
    ):
        assert words in finding.text


def test_a_raised_version_passes_and_says_what_breaks(tmp_path: Path) -> None:
    """The route stays, so that old senders are refused at once: that must be known before."""
    recorded(tmp_path)

    finding = found(tmp_path, Raised)

    assert finding.is_good
    assert finding.path == tmp_path / "order" / "2.json"
    assert "order 2 replaces version 1" in finding.text
    assert "Producers: POST /messages/order takes version 2 alone" in finding.text
    assert "Readers" not in finding.text


def test_a_version_never_goes_back(tmp_path: Path) -> None:
    """Readers would take new messages for old ones."""
    recorded(tmp_path, Raised)

    finding = found(tmp_path, Order)

    assert not finding.is_good
    assert "version 2 is recorded" in finding.text


@pytest.mark.parametrize("model", [Batched, type("Raised", (Batched,), {"version": "2"})])
def test_another_layout_raises_the_version(tmp_path: Path, model: type[Contract]) -> None:
    """Whoever looks receipts up must know from when on that ends."""
    recorded(tmp_path)

    finding = found(tmp_path, model)

    assert finding.is_good == (model.version == "2")
    assert "Its layout was that of StorageLayout and is batch." in finding.text


def test_a_contract_that_is_gone_is_named(tmp_path: Path) -> None:
    """A class that is renamed by accident answers 404 to its senders."""
    recorded(tmp_path)

    [finding] = findings({}, tmp_path)

    assert not finding.is_good
    assert "order has a record and no class" in finding.text
