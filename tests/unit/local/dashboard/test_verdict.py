"""The page says in one sentence whether anything is lost, and is not wrong about it."""

import pytest

from local.dashboard.body import Metric
from local.dashboard.figures import Figures, Span
from local.dashboard.verdict import AGE, HIDDEN, VISIBLE, verdict

from .conftest import FakeCloudWatch

NOW = 1_795_230_851
SPAN = Span(NOW - 3600, NOW + 9)
OLD = NOW - 600
ACCEPTED = Metric("Weir", "MessagesAccepted", (("service", "validator"),))
STORED = Metric("Weir", "MessagesStored", (("service", "uploader"),))
QUARANTINED = Metric("Weir", "MessagesQuarantined", (("service", "uploader"),))


def queue(name: str, metric: str) -> Metric:
    """Return a metric of a queue, as CloudFormation names it."""
    return Metric("AWS/SQS", metric, (("QueueName", f"weir-local-{name}-1a2b3c4d"),))


def told(cloudwatch: FakeCloudWatch) -> tuple[str, str, str]:
    """Return state, answer and reason."""
    found = verdict(Figures(cloudwatch), SPAN, NOW)  # type: ignore[arg-type]
    return found["state"], found["answer"], found["reason"]


def test_nothing_is_lost_when_all_is_stored(cloudwatch: FakeCloudWatch) -> None:
    """What a person hopes to read."""
    cloudwatch.put(ACCEPTED, (OLD, 1000), (OLD + 60, 500))
    cloudwatch.put(STORED, (OLD, 1000), (OLD + 60, 499))
    cloudwatch.put(QUARANTINED, (OLD, 1))

    state, answer, reason = told(cloudwatch)

    assert (state, answer) == ("no", "No.")
    assert "1,499 stored, 1 in quarantine of 1,500 accepted messages" in reason


def test_newborn_stack_has_lost_nothing(cloudwatch: FakeCloudWatch) -> None:
    """No figures are no losses."""
    assert told(cloudwatch)[0] == "no"


def test_message_that_waits_is_not_lost(cloudwatch: FakeCloudWatch) -> None:
    """Under load the counts of accepted and stored always differ."""
    cloudwatch.put(ACCEPTED, (OLD, 100))
    cloudwatch.put(queue("MessageQueue", VISIBLE), (NOW - 9, 90), (NOW - 2, 30))
    cloudwatch.put(queue("MessageQueue", HIDDEN), (NOW - 2, 10))
    cloudwatch.put(queue("MessageQueue", AGE), (NOW - 2, 4))

    state, _, reason = told(cloudwatch)

    assert state == "waiting"
    assert reason == "40 accepted messages wait to be stored, the oldest for 4 s."


def test_dead_letters_come_first(cloudwatch: FakeCloudWatch) -> None:
    """They are lost in fourteen days, and what waits is not."""
    cloudwatch.put(queue("MessageQueue", VISIBLE), (NOW - 2, 30))
    cloudwatch.put(queue("DeadLetterQueue", VISIBLE), (NOW - 2, 1))

    state, answer, reason = told(cloudwatch)

    assert (state, answer) == ("dead", "Not yet.")
    assert reason.startswith("1 accepted message could not be stored")
    assert "make replay" in reason


@pytest.mark.parametrize(("stored", "state"), [(998, "no"), (900, "open")])
def test_messages_that_nobody_counted_are_told(
    cloudwatch: FakeCloudWatch, stored: int, state: str
) -> None:
    """A few lines of a log may be missing; a tenth may not."""
    cloudwatch.put(ACCEPTED, (OLD, 1000))
    cloudwatch.put(STORED, (OLD, stored))

    assert told(cloudwatch)[0] == state


def test_message_of_a_moment_ago_is_on_its_way(cloudwatch: FakeCloudWatch) -> None:
    """Its log lines may come any second."""
    cloudwatch.put(ACCEPTED, (NOW - 60, 1000))

    assert told(cloudwatch)[0] == "no"
