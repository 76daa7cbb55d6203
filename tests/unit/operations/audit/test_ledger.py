"""The comparison of what was accepted with where it was found."""

import json
from datetime import UTC, datetime, timedelta

from operations.audit.ledger import Accepted, Ledger, received_at
from operations.audit.places import queued

SENDER = Accepted("shop", "email")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
WINDOW = (NOON, NOON + timedelta(hours=1))


def message_id(number: int, moment: datetime = NOON) -> str:
    """Return the id of message *number*, accepted at *moment*."""
    milliseconds = int(moment.timestamp() * 1000)
    text = f"{milliseconds:012x}7000800000000000{number:04x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def key(number: int, suffix: str = ".json") -> str:
    """Return the key of message *number*."""
    return (
        "messages/contract=email/dt=2026-01-15/hour=12/20260115T120000.000Z_"
        f"{message_id(number)}{suffix}"
    )


def ledger(*accepted: int, keys: tuple[str, ...] = ()) -> Ledger:
    """Return a ledger of messages that were *accepted*, and of the *keys* in the bucket."""
    found = Ledger(accepted=dict.fromkeys(map(message_id, accepted), SENDER))
    seen: dict[str, str] = {}
    for each in keys:
        found.stored(each, seen)
    return found


def test_what_is_stored_once_is_accounted_for() -> None:
    """The usual case prints nothing."""
    found = ledger(1, 2, keys=(key(1), key(2)))

    assert found.missing == set()
    assert found.twice(*WINDOW) == {}


def test_what_is_nowhere_is_missing() -> None:
    """It is named, so that its sender can be asked to send it again."""
    assert ledger(1, 2, keys=(key(1),)).missing == {message_id(2)}


def test_what_waits_is_not_stored_and_not_missing() -> None:
    """A queue and quarantine keep what they have."""
    found = ledger(1, 2, 3)

    found.found("in the queue", {message_id(1)})
    found.found("in quarantine", {message_id(2)})

    assert len(found.not_stored) == 3
    assert found.missing == {message_id(3)}


def test_two_objects_of_one_id_are_named_with_their_keys() -> None:
    """Layout message promises exactly one."""
    found = ledger(1, keys=(key(1), key(1, "-copy.json")))

    assert found.twice(*WINDOW) == {message_id(1): [key(1), key(1, "-copy.json")]}


def test_two_objects_of_one_id_that_no_log_line_names_are_a_fault_in_its_window_only() -> None:
    """The day's keys are listed, and another hour's fault belongs to another audit."""
    found = ledger(keys=(key(1), key(1, "-copy.json")))

    assert list(found.twice(*WINDOW)) == [message_id(1)]
    assert found.twice(WINDOW[1], WINDOW[1] + timedelta(hours=1)) == {}


def test_the_same_key_listed_again_is_no_second_object() -> None:
    """A bucket that changes while it is listed may show a key on two pages."""
    assert ledger(1, keys=(key(1), key(1))).twice(*WINDOW) == {}


def test_several_lines_of_one_id_are_counted_and_no_fault() -> None:
    """Layout batch promises at least one."""
    found = ledger(1)

    found.lines.update([message_id(1), message_id(1)])

    assert found.missing == set()
    assert found.twice(*WINDOW) == {}
    assert found.repeated == 1


def test_what_the_log_does_not_name_counts_within_the_window_only() -> None:
    """A day's keys are listed, of which the window may be an hour."""
    found = ledger(keys=(key(1),))

    assert found.unpromised(NOON, NOON + timedelta(minutes=1)) == 1
    assert found.unpromised(NOON + timedelta(minutes=1), NOON + timedelta(hours=1)) == 0


def test_an_id_tells_its_time() -> None:
    """The partition of a message follows from its id alone."""
    assert received_at(message_id(1)) == NOON


def line(**content: object) -> str:
    """Return a line of the validator's log."""
    sender = {"client": "shop", "contract": "email"}
    return json.dumps({"message": "message queued", **sender, **content})


def test_one_message_and_a_batch_of_them_are_read_from_the_log() -> None:
    """A batch's ids are one text, as Logs Insights reads no more than 200 fields."""
    single = list(queued(line(message_id=message_id(1))))
    many = line(message="messages queued", message_ids=f"{message_id(1)} {message_id(2)}")

    assert single == [(message_id(1), SENDER)]
    assert [each for each, _ in queued(many)] == [message_id(1), message_id(2)]


def test_only_the_canarys_own_messages_are_left_out() -> None:
    """A client of that name with another contract is a sender, and the reverse."""
    canary = line(message_id=message_id(1), client="canary", contract="canary")
    other = line(message_id=message_id(1), client="canary")

    assert list(queued(canary)) == []
    assert len(list(queued(other))) == 1


def test_lines_of_another_meaning_are_no_promise() -> None:
    """A sender may write the words of such a line into a name that is logged."""
    assert list(queued("REPORT RequestId: queued")) == []
    assert list(queued("[1]")) == []
    assert list(queued(line(message="message refused", message_id=message_id(1)))) == []
