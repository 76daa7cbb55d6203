"""Old versions go, and none that anything can still reach."""

from collections.abc import Iterator
from typing import Any

from local.delivery.prune import unused


class Lambda:
    """Stands for the Lambda API of one function."""

    def __init__(self, versions: int, aliases: list[dict[str, Any]]) -> None:
        self.versions = ["$LATEST", *(str(number) for number in range(1, versions + 1))]
        self.aliases = aliases

    def get_paginator(self, _: str) -> "Lambda":
        """Return a paginator of versions."""
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        """Yield the versions, a page each."""
        for version in self.versions:
            yield {"Versions": [{"Version": version}]}

    def list_aliases(self, **_: str) -> dict[str, Any]:
        """Return the aliases."""
        return {"Aliases": self.aliases}


def unused_of(versions: int, *aliases: dict[str, Any]) -> list[str]:
    """Return what would be deleted of a function with so many versions."""
    client: Any = Lambda(versions, list(aliases))
    return unused(client, "function")


def test_newest_five_versions_stay() -> None:
    """A rollback by hand must find the last ones; ten sorts after nine, not after one."""
    assert unused_of(12) == ["7", "6", "5", "4", "3", "2", "1"]


def test_version_behind_an_alias_stays_however_old() -> None:
    """After a rollback the alias can point far back; in a canary it points at two versions."""
    canary = {
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}},
    }

    assert unused_of(8, canary) == ["3"]
