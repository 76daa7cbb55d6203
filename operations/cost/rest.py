"""The bill of a month of 730 hours in which nobody sends."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .prices import DATA, Line

RELEASE = "0.1.0"  # the last one: what came since is told apart
# What an option adds at rest, and how it is turned on.
OPTIONS = {
    "traffic": "messages come in every hour",
    "canary": "Canary",
    "backups": "BackupRetentionInDays",
    "kms": "KmsKeyArn",
    "email": "AlarmEmail",
    "budget": "MonthlyBudget",
}


def at_rest(options: Collection[str] = ()) -> list[Line]:
    """Return the lines of the default parameters, and those of *options*."""
    return _lines(each for each in DATA["at_rest"] if each.get("option") in (None, *options))


def came_since(release: str = RELEASE) -> list[Line]:
    """Return the lines of the default parameters that *release* did not have."""
    return _lines(
        each for each in DATA["at_rest"] if each.get("since") == release and "option" not in each
    )


def options_of(parameters: Mapping[str, str]) -> list[str]:
    """Return the options that the *parameters* of a stack turn on."""
    off = ("", "0", "false")
    return [option for option, name in OPTIONS.items() if parameters.get(name, "") not in off]


def added_by(option: str) -> list[Line]:
    """Return the lines that *option* alone adds; `ValueError` if there is no such option."""
    if option not in OPTIONS:
        raise ValueError(f"there is no option {option}; the options are {', '.join(OPTIONS)}")
    return _lines(each for each in DATA["at_rest"] if each.get("option") == option)


def _lines(items: Iterable[Mapping[str, Any]]) -> list[Line]:
    return [Line(each["item"], each["count"], each["price"]) for each in items]
