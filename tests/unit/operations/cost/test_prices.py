"""Every price can be looked up again, and every line of the bill has a price."""

from datetime import date

import pytest

from operations.cost.prices import DATA, Line, price


@pytest.mark.parametrize("name", DATA["price"])
def test_every_price_has_its_date_and_address(name: str) -> None:
    """A price that nobody can look up again is a guess."""
    found = DATA["price"][name]

    assert isinstance(found["date"], date)
    assert found["address"].startswith("https://aws.amazon.com/")
    assert found["dollars"] >= 0
    assert found["per"] > 0
    assert set(found) <= {"dollars", "per", "date", "address", "note"}


@pytest.mark.parametrize("neighbour", DATA["neighbour"], ids=lambda each: str(each["name"]))
def test_every_neighbour_has_its_date_and_address(neighbour: dict[str, object]) -> None:
    """Whoever doubts the comparison reads AWS's own page."""
    assert isinstance(neighbour["date"], date)
    assert str(neighbour["address"]).startswith("https://docs.aws.amazon.com/")
    assert ("month" in neighbour) != ("per_message" in neighbour)


def test_price_is_that_of_one() -> None:
    """AWS gives most prices per million, and KMS's per ten thousand."""
    assert price("sqs_request") == pytest.approx(0.4 / 1_000_000)
    assert price("kms_request") == pytest.approx(0.03 / 10_000)


def test_line_is_count_times_price() -> None:
    """A dashboard costs three dollars, two cost six."""
    assert Line("dashboards", 2, "dashboard").dollars == pytest.approx(6)


def test_unknown_price_is_refused() -> None:
    """A misspelled price must not count as nothing."""
    with pytest.raises(KeyError):
        price("dashbord")
