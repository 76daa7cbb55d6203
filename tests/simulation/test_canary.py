"""The canary in simulated hours: silent when all is well, and in time when it is not."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from local.dashboard.alarm_state import standing
from tests.support.template import template

from .canary import CANARY, MINUTE
from .network import Outage, Weather
from .senders import HOUR
from .world import Code, World

SEED = 18
BEGIN, END = 20 * MINUTE, 35 * MINUTE


class Hour(World):
    """An hour with the canary alone, in which nothing fails but for *outages*."""

    outages: ClassVar[list[Outage]] = []
    canarys_warmth = 1.0  # calls that follow each other share an environment

    def _orders(self) -> list[Any]:
        return []

    def _set_scale(self) -> None:
        super()._set_scale()
        self.span, self.largest_skew = HOUR, 0.0
        self.epoch -= self.epoch % MINUTE

    def _set_weather(self) -> None:
        super()._set_weather()
        self.weather = Weather(calm=self.span, outages=list(self.outages))
        self.lost_answers = self.refused_entries = self.lost_deletes = self.lapses = 0.0

    def _set_queues(self) -> None:
        super()._set_queues()
        self.queue.duplicates = self.queue.undeleted = 0.0

    def _canarys_runs(self) -> int:
        return int(HOUR / MINUTE)


def alarm(name: str) -> dict[str, Any]:
    """Return an alarm of the template, made as the world begins."""
    found: dict[str, Any] = template()["Resources"][name]["Properties"]
    return found


def rings(world: World, name: str) -> list[int]:
    """Return the minutes of the world at whose end the alarm *name* rings."""
    published = world.canary.published["CanaryLate"]
    made = {"AlarmConfigurationUpdatedTimestamp": datetime.fromtimestamp(world.epoch, UTC)}
    minutes = range(1, len(published) + 1)
    return [
        minute
        for minute in minutes
        if standing(alarm(name) | made, known(world, minute), world.epoch + minute * MINUTE).state
        == "ALARM"
    ]


def known(world: World, minute: int) -> dict[int, float]:
    """Return what CloudWatch knows at the end of a *minute* of the world."""
    now = world.epoch + minute * MINUTE
    return {at: value for at, value in world.canary.published["CanaryLate"].items() if at < now}


@pytest.mark.parametrize("number", range(6))
def test_an_hour_in_which_nothing_fails_is_silent(number: int, loaded: tuple[Code, str]) -> None:
    """Whoever is woken for nothing switches the alarm off; and nothing but its own is counted."""
    world = Hour(SEED, number, Code(loaded[0].current))

    report = world.run()

    late = world.canary.published["CanaryLate"]
    assert report.faults == []
    assert len(late) >= 60
    assert set(late.values()) == {0.0}
    assert max(world.canary.published["Freshness"].values()) <= 10
    assert rings(world, "CanaryLateAlarm") == rings(world, "CanaryObjectiveAlarm") == []
    quarantined = world.counted.pop("MessagesQuarantined", 0)  # what others put into the queue
    assert quarantined == len(world.checker.foreign)
    assert sum(count for name, count in world.counted.items() if name.startswith("Messages")) == 0
    assert {"StoreTime", "TimeToStore", "StoredSize", "EnqueueTime"}.isdisjoint(world.counted)


# What is broken, and within how many minutes it rings: a refusal is late at once, and what is not
# stored after the minute that it has; then three of five minutes have to be late.
OUTAGES = {
    "pollers stopped": (Outage("pollers", BEGIN, END, "503"), 5),
    "S3 denied to the uploader": (Outage("s3", BEGIN, END, "denied", ("put_object",)), 5),
    "SQS denied to the validator": (
        Outage("sqs", BEGIN, END, "denied", ("send_message_batch",)),
        3,
    ),
}


@pytest.mark.parametrize(("outage", "within"), OUTAGES.values(), ids=list(OUTAGES))
@pytest.mark.parametrize("number", range(3))
def test_an_outage_rings_in_time_and_falls_silent(
    outage: Outage, within: int, number: int, loaded: tuple[Code, str]
) -> None:
    """Nobody but the canary sends, so that no count of errors would have to rise."""
    world = type("Outages", (Hour,), {"outages": [outage]})(SEED, number, Code(loaded[0].current))

    report = world.run()

    ringing = rings(world, "CanaryLateAlarm")
    assert report.faults == []
    assert BEGIN / MINUTE < ringing[0] <= BEGIN / MINUTE + within
    assert ringing == list(range(ringing[0], ringing[-1] + 1))
    assert ringing[-1] <= END / MINUTE + 6
    assert rings(world, "CanaryObjectiveAlarm")
    promised = {each.message_id for each in world.checker.promises} - world.checker.deleted
    stored = [
        found.metadata["message_id"]
        for key, found in world.bucket.objects.items()
        if key.startswith("messages/contract=canary/")
    ]
    assert sorted(promised) == sorted(stored)


def test_the_canary_takes_part_in_every_weather(loaded: tuple[Code, str]) -> None:
    """It is judged like any sender: nothing lost, nothing twice, no long-valid token refused.

    In calm worlds the ledger is what senders were promised, without the canary's messages.
    """
    runs = rotated = calm = 0
    for number in range(0, 150, 3):
        world = World(SEED, number, Code(loaded[0].current))
        report = world.run()
        assert report.faults == [], (number, report.faults)
        of_canary = [each for each in world.checker.promises if each.order.client == CANARY]
        runs += len(of_canary)
        rotated += any(event.site == "canary-rotation" for event in report.events)
        others = {each.message_id for each in world.checker.promises} - {
            each.message_id for each in of_canary
        }
        if of_canary and not world.weather.rates and not world.weather.outages:
            calm += 1
            assert world.counted["MessagesStored"] == len(others)
    assert (runs > 100, rotated > 10, calm > 0) == (True, True, True), (runs, rotated, calm)
