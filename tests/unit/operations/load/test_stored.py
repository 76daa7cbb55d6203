"""Where the messages of a load run are stored."""

from datetime import UTC, datetime

from operations.load.stored import prefixes


def test_every_hour_that_a_run_touches_is_searched() -> None:
    """A message of an hour left out would count as lost."""
    since = datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC)
    until = datetime(2026, 1, 16, 0, 0, 0, tzinfo=UTC)

    assert list(prefixes(["email"], since, until)) == [
        "messages/contract=email/dt=2026-01-15/hour=22/",
        "messages/contract=email/dt=2026-01-15/hour=23/",
        "messages/contract=email/dt=2026-01-16/hour=00/",
    ]


def test_every_contract_of_the_profile_is_searched() -> None:
    """Each contract has a folder of its own."""
    moment = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)

    found = list(prefixes(["email", "timestamped"], moment, moment))

    assert [prefix.split("/")[1] for prefix in found] == ["contract=email", "contract=timestamped"]
