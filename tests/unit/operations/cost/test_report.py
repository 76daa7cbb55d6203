"""The report is complete, and the command refuses what it cannot calculate."""

import sys

import pytest

from operations.cost.__main__ import main
from operations.cost.million import ROUTES
from operations.cost.neighbours import neighbours
from operations.cost.prices import DATA
from operations.cost.report import cheaper, dollars, report


def test_report_has_every_item_route_neighbour_and_price() -> None:
    """A line of the data file that nobody sees is not on the bill."""
    text = report()

    items = [each["item"] for each in DATA["at_rest"]]
    titles = [route.title for route in ROUTES.values()]
    places = [each[name] for each in DATA["neighbour"] for name in ("name", "address")]
    for expected in [*items, *titles, *places, *DATA["price"]]:
        assert str(expected) in text


def test_part_of_a_cent_is_not_shown_as_nothing() -> None:
    """$0.00 reads as free."""
    assert [dollars(amount) for amount in (1234.5, 0.005, 0.0021, 0)] == [
        "1,234.50",
        "0.01",
        "0.0021",
        "0.00",
    ]


def test_comparison_says_on_which_side_weir_costs_less() -> None:
    """AWS's servers win above some rate, Firehose below some."""
    guidance, firehose, floor = neighbours()
    one, many = ROUTES["plain"], ROUTES["batch-100"]

    assert cheaper(guidance, one, "message").startswith("below ")
    assert cheaper(firehose, many, "batch").startswith("above ")
    assert cheaper(floor, one, "message") == "never"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rate", "0"], "not a number above 0"),
        (["--rate", "nan"], "not a number above 0"),
        (["--layout", "batch"], "needs its --rate"),
        (["--rate", "1", "--options", "backup"], "there is no option backup"),
        (["--rate", "1", "--batch", "101"], "at most 100"),
        (["--rate", "1", "--contracts", "0"], "at least 1"),
    ],
)
def test_what_cannot_be_calculated_is_refused(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A typing error must not end in a figure that somebody believes."""
    monkeypatch.setattr(sys, "argv", ["cost", *arguments])

    with pytest.raises(SystemExit):
        main()

    assert said in capsys.readouterr().err


def test_month_is_printed_item_by_item(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks for ten per second in layout batch reads that it was understood."""
    monkeypatch.setattr(
        sys, "argv", ["cost", "--rate", "10", "--layout", "batch", "--options", "kms, backups"]
    )

    main()

    printed = capsys.readouterr().out
    assert "10 messages of 1 kB per second" in printed
    assert "| key of your own |" in printed
    assert "| GB of backups |" in printed
    assert "X-Ray" not in printed
