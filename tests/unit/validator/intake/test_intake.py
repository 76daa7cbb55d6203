"""The intake: one id and one object a key, whatever crashes and whoever comes at the same time."""

import itertools
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from validator.aws import CALL_SECONDS
from validator.contracts.registry import CONTRACTS
from validator.deadline import Deadline
from validator.intake.idempotency import IdempotencyKeys
from validator.intake.intake import Intake, Item, Outcome, Submission
from validator.intake.json_text import read
from validator.intake.message import MAX_BYTES, Message
from validator.intake.message_id import uuid7
from validator.intake.queue import MessageQueue

from tests.unit.validator.fakes import FAR, AtOnce, Clock, FakeS3, FakeSqs, Warnings, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_MS = 1_768_472_830_123
DAY_MS = 86_400_000


class CrashError(BaseException):
    """The function's process ended here."""


class Account:
    """A bucket, a queue and the processes that work on them, which can crash at each step."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.s3 = FakeS3()
        self.sqs = FakeSqs()
        self.numbers = itertools.count()
        self.at_step: Callable[[int], None] = lambda _: None
        self.steps = 0
        self.unkeyed: list[tuple[str, int]] = []
        self.s3.before = self.s3.after = self.sqs.before = self.sqs.after = lambda _: self.step()

    def step(self) -> None:
        """Pass the point between two steps."""
        self.steps += 1
        self.at_step(self.steps)

    def send(
        self,
        *bodies: str,
        key: str | None = "key",
        client: str = "acme",
        contract: str = "timestamped",
        deadline: Deadline = FAR,
        **sent: Any,
    ) -> list[Outcome]:
        """Send *bodies* through a process of its own."""
        warn = Warnings()
        s3, sqs = cast("Any", self.s3), cast("Any", self.sqs)
        queue = MessageQueue(sqs, "https://queue", AtOnce(), lambda _: None, warn)
        keys = IdempotencyKeys(s3, ["bucket"], AtOnce(), lambda: self.now_ms, warn)
        intake = Intake(
            CONTRACTS,
            lambda contract: "batch" if contract == "timestamped" else "message",
            lambda messages, deadline: queue.send(messages, deadline).confirmed,
            keys,
            lambda: uuid7(self.now_ms, next(self.numbers)),
            lambda metric, count: self.unkeyed.append((metric, count)),
        )
        items = [Item(read(body.encode()), "/data") for body in bodies]
        return intake.take(Submission(client, items, **sent), contract, key, deadline)

    def stored(self) -> dict[str, str]:
        """Return what the uploader stores: one object an id; two bodies of one id are a fault."""
        objects: dict[str, str] = {}
        for entry in itertools.chain.from_iterable(self.sqs.taken):
            message_id = entry["MessageAttributes"]["message_id"]["StringValue"]
            assert objects.setdefault(message_id, entry["MessageBody"]) == entry["MessageBody"]
        return objects


@pytest.fixture
def account() -> Account:
    """Return an account with nothing in it."""
    return Account()


def body(number: int) -> str:
    """Return the text of a valid message."""
    return json.dumps({"email_timestream": "0", "number": number}, separators=(",", ":"))


def ids(outcomes: list[Outcome]) -> list[str]:
    """Return the ids that were promised."""
    return [outcome.message_id for outcome in outcomes if isinstance(outcome, Message)]


def kinds(outcomes: list[Outcome]) -> list[str]:
    """Return what became of each item."""
    return ["queued" if isinstance(each, Message) else each.kind.slug for each in outcomes]


@pytest.mark.parametrize("count", [1, 3, 12], ids="{} messages".format)
@pytest.mark.parametrize("first_use", [True, False], ids=["new key", "old key"])
@pytest.mark.parametrize("crash_at", range(1, 11))
def test_a_crash_between_two_steps_neither_loses_nor_doubles(
    account: Account, count: int, crash_at: int, first_use: bool
) -> None:
    """Whichever step was the last, the sender's next try ends in one object for each message."""
    if not first_use:
        account.send(body(99))
        account.now_ms += DAY_MS
        account.steps = 0
    before = account.stored().keys()
    bodies = [body(number) for number in range(count)]

    def crash(step: int) -> None:
        if step == crash_at:
            raise CrashError

    account.at_step = crash
    try:
        promised = ids(account.send(*bodies))
    except CrashError:
        promised = []
    account.at_step = lambda _: None
    account.now_ms += 1_000

    again = ids(account.send(*bodies))

    stored = account.stored()
    assert [stored[message_id] for message_id in again] == bodies
    assert stored.keys() - before == set(again)
    assert promised in ([], again)


@pytest.mark.parametrize("rival_at", range(1, 7))
@pytest.mark.parametrize("first_use", [True, False], ids=["new key", "old key"])
@pytest.mark.parametrize("same_body", [True, False], ids=["same body", "other body"])
def test_two_at_once_get_one_id_or_one_conflict(
    account: Account, rival_at: int, first_use: bool, same_body: bool
) -> None:
    """A sender's retry may overtake the request that it repeats, between any two of its steps."""
    if not first_use:
        account.send(body(99))
        account.now_ms += DAY_MS
        account.steps = 0
    before = account.stored().keys()
    rival: list[Outcome] = []

    def overtake(step: int) -> None:
        if step == rival_at:
            account.at_step = lambda _: None
            rival.extend(account.send(body(0 if same_body else 1)))

    account.at_step = overtake

    mine = account.send(body(0))

    rival = rival or account.send(body(0 if same_body else 1))
    assert len(account.stored().keys() - before) == 1
    if same_body:
        assert ids(mine) == ids(rival)
    else:
        assert sorted(kinds(mine) + kinds(rival)) == ["idempotency-conflict", "queued"]


def test_a_key_lasts_a_day_and_no_longer(account: Account) -> None:
    """Until then the same id, afterwards a new message."""
    first = ids(account.send(body(0)))
    account.now_ms += DAY_MS - 1
    second = ids(account.send(body(0)))
    account.now_ms += 1
    third = ids(account.send(body(0)))

    assert first == second != third
    assert len(account.stored()) == 2


def test_a_batch_is_sent_again_item_by_item(account: Account) -> None:
    """What was queued keeps its id, a broken item may be corrected, another one is a conflict."""
    first = account.send(body(0), "[]", body(2))

    second = account.send(body(0), body(1), body(7))
    third = account.send(body(0), body(8), body(2), body(9))

    assert kinds(first) == ["queued", "invalid-message", "queued"]
    assert kinds(second) == ["queued", "queued", "idempotency-conflict"]
    assert kinds(third) == ["queued", "idempotency-conflict", "queued", "idempotency-conflict"]
    assert ids(second)[0] == ids(first)[0] == ids(third)[0]
    assert len(account.stored()) == 3


def test_equal_items_of_one_batch_are_two_messages(account: Account) -> None:
    """The key covers the request, item by item."""
    assert len(set(ids(account.send(body(0), body(0))))) == 2


def test_without_a_key_every_request_is_a_message(account: Account) -> None:
    """Nothing is kept that was not asked for."""
    assert ids(account.send(body(0), key=None)) != ids(account.send(body(0), key=None))
    assert account.s3.objects == {}


def test_a_message_carries_the_layout_of_its_contract(account: Account) -> None:
    """The uploader has no contracts: it follows what comes with the message."""
    account.send(body(0))

    [[entry]] = account.sqs.taken
    assert entry["MessageAttributes"]["layout"]["StringValue"] == "batch"


def test_starts_no_item_that_could_outlast_the_function(account: Account) -> None:
    """What there was no time for is told as such, and may be sent again."""
    clock = Clock()

    def send(messages: Any, _: Deadline) -> set[str]:
        return {message.message_id for message in messages}

    numbers = itertools.count()

    def new_id() -> str:
        clock.now += 3
        return uuid7(NOW_MS, next(numbers))

    keys = IdempotencyKeys(
        cast("Any", account.s3), ["bucket"], AtOnce(), lambda: NOW_MS, Warnings()
    )
    items = [Item(read(body(number).encode()), "/data") for number in range(5)]

    outcomes = Intake(CONTRACTS, str, send, keys, new_id).take(
        Submission("acme", items),
        "timestamped",
        None,
        Deadline(clock.now + CALL_SECONDS + 8, clock),
    )

    assert kinds(outcomes) == ["queued", "queued", "queued", "unavailable", "unavailable"]


@pytest.mark.parametrize("other", [{"client": "globex"}, {"contract": "any-object"}])
def test_equal_keys_of_two_clients_or_contracts_never_meet(
    account: Account, other: dict[str, Any]
) -> None:
    """A second client that counts its keys from 1 too must not get the first one's receipt."""
    [first] = ids(account.send(body(0)))
    [second] = ids(account.send(body(0), **other))
    conflict = account.send(body(1), **other)

    assert first != second
    assert account.stored().keys() == {first, second}
    assert kinds(conflict) == ["idempotency-conflict"]


@pytest.mark.parametrize(("spare", "kind"), [(0, "queued"), (1, "too-large")])
def test_a_message_may_have_exactly_what_sqs_takes(account: Account, spare: int, kind: str) -> None:
    """SQS refuses one byte more, after the sender was promised that it is queued."""
    bare = Message(uuid7(NOW_MS, 0), "any-object", "1", "message", "acme", '{"x":""}').size_bytes()
    text = "x" * (MAX_BYTES - bare + spare)

    outcomes = account.send(f'{{"x":"{text}"}}', contract="any-object", key=None)

    assert kinds(outcomes) == [kind]


def test_a_delivery_is_the_same_whatever_its_body(account: Account) -> None:
    """A sender may write the body of its second try again, with another time; it is stored once."""
    first = account.send(body(0), is_delivery=True)
    second = account.send(body(1), is_delivery=True)

    assert kinds(second) == ["queued"]
    assert ids(first) == ids(second)
    assert {entry["MessageBody"] for call in account.sqs.taken for entry in call} == {
        body(0),
        body(1),
    }


def test_a_delivery_is_known_for_four_days(account: Account) -> None:
    """Stripe sends again for three."""
    first = ids(account.send(body(0), is_delivery=True))
    account.now_ms += 4 * DAY_MS - 1
    second = ids(account.send(body(0), is_delivery=True))
    account.now_ms += 1
    third = ids(account.send(body(0), is_delivery=True))

    assert first == second != third


def test_a_delivery_is_not_held_up_by_its_key(account: Account) -> None:
    """S3 is silent, SQS is not: GitHub never sends again, so it is queued, and counted."""

    def fail(_: str) -> None:
        raise refusal("InternalError")

    account.s3.before = fail

    assert kinds(account.send(body(0), is_delivery=True)) == ["queued"]
    assert account.unkeyed == [("WebhooksUnkeyed", 1)]
    assert kinds(account.send(body(0))) == ["unavailable"]
    assert account.unkeyed == [("WebhooksUnkeyed", 1)]


def test_a_key_that_was_claimed_in_silence_is_the_deliverys(account: Account) -> None:
    """S3 kept the marker and did not say so: what comes again has the id that was queued."""

    def fail(_: str) -> None:
        raise refusal("InternalError")

    account.s3.after = fail
    first = ids(account.send(body(0), is_delivery=True))
    account.s3.after = lambda _: None
    account.now_ms += 60_000

    assert ids(account.send(body(0), is_delivery=True)) == first
    assert account.unkeyed == [("WebhooksUnkeyed", 1)]


def test_a_key_leaves_a_delivery_the_time_to_be_queued(account: Account) -> None:
    """Of 14 seconds a silent S3 may have 5, SQS needs as many."""
    clock = Clock()

    def slow(_: str) -> None:
        clock.now += CALL_SECONDS - 0.1

    account.s3.before = slow
    account.s3.objects = {}
    account.send(body(0), is_delivery=True)
    account.s3.before = slow
    clock.now = 1_000.0

    again = account.send(body(0), is_delivery=True, deadline=Deadline(clock.now + 14, clock))

    assert kinds(again) == ["queued"]
    assert clock.now + CALL_SECONDS <= 1_000.0 + 14


def test_what_is_kept_beside_messages_goes_with_each(account: Account) -> None:
    """The trace of a batch is that of every message in it."""
    account.send(body(0), body(1), key=None, context={"traceparent": "x"})

    kept = [entry["MessageAttributes"]["context"]["StringValue"] for entry in account.sqs.taken[0]]
    assert kept == ['{"traceparent":"x"}'] * 2
