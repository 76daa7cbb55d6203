"""The month without a message, against an example made by hand."""

import pytest

from operations.cost.prices import DATA, together
from operations.cost.rest import OPTIONS, added_by, at_rest, came_since, options_of
from tests.support.template import template

BY_HAND = {
    "targets, hours of t4g.nano": 2 * 730 * 0.0042,
    "the targets' disks, GB": 2 * 2 * 0.08,
    "dashboard": 3.00,
    "alarms": 19 * 0.10,
    "metrics of the probe": 11 * 0.30,
    "runs of the probe": 730 * 60 * 0.20 / 1e6,
    "GB-seconds of the probe": 730 * 60 * 1.3 * 256 / 1024 * 0.0000133334,
    "GB of the probe's logs": 730 * 60 * 3500 / 1e9 * 0.50,
    "schedule of the probe": 730 * 60 / 1e6,
    "looks into the empty queue": 5 * 730 * 3600 / 20 * 0.40 / 1e6,
    "traces of the probe (Tracing=Active)": 730 * 60 * 5 / 1e6,
}


def test_release_costs_what_the_example_says() -> None:
    """The lines of 0.1.0, each worked out from what the stack does in 730 hours."""
    since = {line.item for line in came_since()}

    lines = {line.item: line.dollars for line in at_rest() if line.item not in since}

    assert lines == pytest.approx(BY_HAND)
    assert sum(lines.values()) == pytest.approx(15.45, abs=0.005)


def test_what_came_since_is_part_of_the_month() -> None:
    """It is told apart, not added again."""
    assert {line.item for line in came_since()} < {line.item for line in at_rest()}


@pytest.mark.parametrize("option", OPTIONS)
def test_option_adds_its_lines_and_nothing_else(option: str) -> None:
    """A month with backups is the month without them, and the backups."""
    more = together(at_rest([option])) - together(at_rest())

    assert added_by(option)
    assert more == pytest.approx(together(added_by(option)))


def test_every_line_names_an_option_that_exists() -> None:
    """A misspelled option would hide its line for ever."""
    named = {each["option"] for each in DATA["at_rest"] if "option" in each}

    assert named == set(OPTIONS)


def test_key_of_your_own_costs_a_dollar_and_its_requests() -> None:
    """SQS asks for its data keys every five minutes: (2 x one sender + one receiver) / 300 s."""
    assert together(added_by("kms")) == pytest.approx(1 + 730 * 3600 / 300 * 3 * 0.03 / 10_000)


def test_parameters_turn_options_on() -> None:
    """What is empty, 0 or false is off, and so is a parameter that an older stack lacks."""
    given = {"BackupRetentionInDays": "35", "KmsKeyArn": "", "MonthlyBudget": "0"}

    assert options_of(given) == ["backups"]
    assert options_of({}) == []


def test_every_option_but_traffic_is_a_parameter() -> None:
    """A renamed parameter would leave its option off for ever."""
    assert {name for option, name in OPTIONS.items() if option != "traffic"} <= set(
        template()["Parameters"]
    )


def test_unknown_option_is_refused() -> None:
    """A misspelled option must not come back as free."""
    with pytest.raises(ValueError, match="there is no option backup;"):
        added_by("backup")
