"""The design as a model: a state, and every step that can follow it, in every way it can end.

One request is sent up to three times, the tries overlapping in any way. SQS, S3 and Lambda do at
any moment whatever AWS allows: deliver twice, let a receive lapse, fail before or after the effect,
kill a process before or after any call, move a message to the dead-letter queue.

A set of messages is an int with a bit for each message. A bit stands for one copy *or more*, so
taking a copy may leave the set as it was: the model covers any number of copies. Nothing counts
receives or seconds: it covers every maxReceiveCount, pause and timeout. Retention is left out: the
design promises nothing about a message that nobody stored or replayed for days.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

# Where a try of the request is: not sent yet, before one of the validator's calls, or over.
IDLE, TOKENS, CLAIM, READ, RENEW, SEND, ANSWER, OVER = range(8)
# Where an uploader is: idle, before one of its writes, or before SQS learns what became of it.
GOT, REFUSED, DONE, FAILED = range(1, 5)
# Where a replay is: idle, or before one of its calls.
HELD, LISTED, LOADED, SENT_LETTER, SENT_REFUSED, SHOWING = range(1, 7)
LETTER_PLACES = (HELD, SENT_LETTER)
REFUSED_PLACES = (LISTED, LOADED, SENT_REFUSED)

NONE = -1


class State(NamedTuple):
    """Everything that is remembered anywhere, and what has been promised."""

    tries: tuple[tuple[int, int], ...]  # where it is, and the message (or claim) it goes on with
    days: tuple[int, ...]  # the day on which each message got its id
    uploaders: tuple[tuple[int, int, bool], ...]  # where, with which messages, receive not lapsed
    replay: tuple[int, int] = (IDLE, 0)  # where, with which message (taken out of its place)
    claim: int = NONE  # the message that the idempotency key stands for
    claim_is_old: bool = False  # older than a day
    today: int = 0
    promised: int = 0
    visible: int = 0
    dead: int = 0
    quarantined: int = 0
    objects: int = 0  # messages; in layout batch a bit for each possible object
    erased: int = 0
    broken: str = ""  # a promise that was broken by this very step


@dataclass(frozen=True)
class World:
    """What is sent, and where it is stored; *fault* plants an error into the design."""

    bodies: str  # one letter for each try: the same letter is the same body
    keyed: bool = True
    batch: bool = False
    uploaders: int = 1
    days: int = 0
    deletes: bool = False
    gives_up: bool = True  # whether there is a dead-letter queue, quarantine and replay
    fault: str = ""

    def start(self) -> State:
        """Return the state before anything was sent."""
        count = len(self.bodies)
        return State(((IDLE, 0),) * count, (NONE,) * count, ((IDLE, 0, False),) * self.uploaders)

    def stored(self, state: State) -> int:
        """Return the messages that are in the bucket."""
        if not self.batch:
            return state.objects
        found = 0
        for messages in range(1, 1 << len(self.bodies)):
            if state.objects >> messages & 1:
                found |= messages
        return found


type Moves = Iterator[tuple[str, State]]
type Change = Callable[[State], State]


@dataclass(frozen=True)
class Step:
    """A step, and the function of Weir or the resource of the template that it stands for."""

    name: str
    stands_for: tuple[str, ...]
    moves: Callable[[World, State], Moves]


STEPS: list[Step] = []


def step(name: str, *stands_for: str) -> Callable[[Callable[[World, State], Moves]], None]:
    """Make the decorated function a step of the design."""

    def add(moves: Callable[[World, State], Moves]) -> None:
        STEPS.append(Step(name, stands_for, moves))

    return add


def call(before: State, after: State, then: Change, fails: Change, dies: Change) -> Moves:
    """Yield every end of a call to AWS that turns *before* into *after*."""
    yield "", then(after)
    for state, when in ((before, "before"), (after, "after")):
        if when == "before" or after is not before:
            if fails is dies:
                yield f"fails or is killed {when} its effect", fails(state)
            else:
                yield f"fails {when} its effect", fails(state)
                yield f"killed {when} its effect", dies(state)


# ---- sender and validator -----------------------------------------------------------------------


def moved(state: State, number: int, place: int, message: int = 0) -> State:
    """Return *state* with try *number* at *place*."""
    tries = state.tries
    return state._replace(tries=(*tries[:number], (place, message), *tries[number + 1 :]))


def tries_at(state: State, place: int) -> Iterator[tuple[int, int]]:
    """Yield the number and the message of each try at *place*."""
    for number, (at, message) in enumerate(state.tries):
        if at == place:
            yield number, message


def validator_call(number: int, before: State, after: State, then: Change) -> Moves:
    """Yield every end of a call by try *number*: a failure is a 503, or botocore tries again."""
    place, message = before.tries[number]
    over = partial(moved, number=number, place=OVER)
    yield from call(before, after, then, over, over)
    if after is not before:
        yield "fails after its effect, is repeated", moved(after, number, place, message)


def born(state: State, message: int) -> State:
    """Return *state* with the day on which *message* got its id."""
    if state.days[message] != NONE:
        return state
    days = state.days
    return state._replace(days=(*days[:message], state.today, *days[message + 1 :]))


@step("a request is sent", "validator.handler.lambda_handler")
def _(world: World, state: State) -> Moves:
    for number, _ in tries_at(state, IDLE):
        yield "", moved(state, number, TOKENS)
        break  # the tries not sent yet are alike


@step("a connection is opened", "validator.intake.queue.MessageQueue.connect")
def _(world: World, state: State) -> Moves:
    for _ in tries_at(state, TOKENS):
        yield "in any way", state


@step("the tokens are read", "validator.tokens.parameters.TokenParameters._read_pages")
def _(world: World, state: State) -> Moves:
    for number, _ in tries_at(state, TOKENS):
        place = CLAIM if world.keyed else SEND
        if world.fault == "the queue comes before the claim":
            place = SEND
        then = partial(moved, number=number, place=place, message=number)
        yield from validator_call(number, state, state, then)


# Where keys are kept in two buckets, the steps are taken in one after the other: what is found in
# the first is claimed in the second. The model has one place; the simulation has both, and 0.1.0.
@step("the key is claimed", "validator.intake.idempotency.IdempotencyKeys._put")
def _(world: World, state: State) -> Moves:
    for number, own in tries_at(state, CLAIM):
        if state.claim == NONE or world.fault == "the claim has no condition":
            claimed = born(state._replace(claim=own, claim_is_old=False), own)
            then = partial(moved, number=number, place=SEND, message=own)
            yield from validator_call(number, state, claimed, then)
            continue
        then = partial(moved, number=number, place=READ, message=own)
        yield from validator_call(number, state, state, then)
        if world.fault == "an unreadable key counts as new":
            yield "fails, and is ignored", moved(state, number, SEND, own)


@step("the standing claim is read", "validator.intake.idempotency.IdempotencyKeys._read")
def _(world: World, state: State) -> Moves:
    for number, _ in tries_at(state, READ):
        claim = state.claim
        if claim == NONE:  # lifecycle was faster
            yield "not there", moved(state, number, OVER)
            continue
        same = (
            world.bodies[claim] == world.bodies[number] or world.fault == "bodies are not compared"
        )
        locked = world.fault == "a claim locks its key" and not state.promised >> claim & 1
        place, message = SEND, claim
        if state.claim_is_old:
            place = RENEW
        elif not same or locked:
            place = OVER  # a 409
        then = partial(moved, number=number, place=place, message=message)
        yield from validator_call(number, state, state, then)


@step("an old claim is renewed", "validator.intake.idempotency.IdempotencyKeys._put")
def _(world: World, state: State) -> Moves:
    for number, seen in tries_at(state, RENEW):
        if state.claim == NONE:
            yield "not there", moved(state, number, OVER)
        elif state.claim == seen or world.fault == "an old claim is renewed blindly":
            claimed = born(state._replace(claim=number, claim_is_old=False), number)
            then = partial(moved, number=number, place=SEND, message=number)
            yield from validator_call(number, state, claimed, then)
        else:
            then = partial(moved, number=number, place=CLAIM, message=number)
            yield from validator_call(number, state, state, then)


@step("the message is queued", "validator.intake.queue.MessageQueue._send_batch")
def _(world: World, state: State) -> Moves:
    for number, message in tries_at(state, SEND):
        queued = born(state._replace(visible=state.visible | 1 << message), message)
        if world.bodies[message] != world.bodies[number]:
            queued = queued._replace(broken="two bodies have one id")
        then = partial(moved, number=number, place=ANSWER, message=message)
        yield from validator_call(number, state, queued, then)
        if world.fault == "202 comes before the queue's answer":
            yield "fails before its effect, is answered with 202", then(born(state, message))


@step("202 is answered", "validator.handler.lambda_handler")
def _(world: World, state: State) -> Moves:
    for number, message in tries_at(state, ANSWER):
        over = moved(state, number, OVER)
        yield "", over._replace(promised=state.promised | 1 << message)
        yield "killed before", over


@step("the receipt is looked up", "validator.receipts.Receipts._first")
def _(world: World, state: State) -> Moves:
    found = world.stored(state)
    if world.fault == "a look-up trusts the queue":
        found |= state.visible
    if found & ~world.stored(state):
        state = state._replace(broken="a message was called stored and is not")
    yield "", state


@step("a day passes", "template.MessageBucket.LifecycleConfiguration")
def _(world: World, state: State) -> Moves:
    if state.claim != NONE and not state.claim_is_old and state.today < world.days:
        yield "", state._replace(claim_is_old=True, today=state.today + 1)
    elif state.claim_is_old:
        yield "lifecycle deletes the claim", state._replace(claim=NONE, claim_is_old=False)


# ---- queue and uploader -------------------------------------------------------------------------


def uploader(state: State, number: int, place: int, messages: int, holds: bool) -> State:
    """Return *state* with an uploader at *place*; uploaders are alike, so they are sorted."""
    rest = state.uploaders[:number] + state.uploaders[number + 1 :]
    return state._replace(uploaders=tuple(sorted((*rest, (place, messages, holds)))))


def uploaders_at(state: State, place: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the number, the messages and the hold of each uploader at *place*, equal ones once."""
    seen = None
    for number, each in enumerate(state.uploaders):
        if each[0] == place and each != seen:
            seen = each
            yield number, each[1], each[2]


def let_go(state: State, number: int, messages: int, *, holds: bool) -> State:
    """Return *state* with an uploader idle, and its messages back in the queue if it held them."""
    if holds:
        state = state._replace(visible=state.visible | messages)
    return uploader(state, number, IDLE, 0, holds=False)


def taken(whole: int, part: int) -> Iterator[tuple[str, int]]:
    """Yield what a set can be after one copy of *part* has been taken out of it."""
    yield "", whole & ~part
    yield "another copy stays", whole


def subsets(messages: int, *, largest: int) -> Iterator[int]:
    """Yield every choice of at most *largest* of *messages*."""
    part = messages
    while part:
        if part.bit_count() <= largest:
            yield part
        part = (part - 1) & messages


@step("the poller receives", "template.MessageQueue", "template.UploaderFunction.Events.Messages")
def _(world: World, state: State) -> Moves:
    for number, _, _ in uploaders_at(state, IDLE):
        for messages in subsets(state.visible, largest=2 if world.batch else 1):
            for how, visible in taken(state.visible, messages):
                rest = state._replace(visible=visible)
                holds = world.fault != "a receive deletes"
                yield how, uploader(rest, number, GOT, messages, holds=holds)


@step("a receive lapses", "template.MessageQueue")
def _(world: World, state: State) -> Moves:
    for number, (place, messages, holds) in enumerate(state.uploaders):
        if holds:
            seen = state._replace(visible=state.visible | messages)
            yield "", uploader(seen, number, place, messages, holds=False)


@step("the object is written", "uploader.bucket.Bucket.put_once")
def _(world: World, state: State) -> Moves:
    for number, messages, holds in uploaders_at(state, GOT):
        object_ = 1 << messages if world.batch else messages
        after = state
        if not state.objects & object_:
            after = state._replace(objects=state.objects | object_)
        elif world.fault == "the key names the delivery":
            after = state._replace(broken="a message has two objects")
        place = DONE
        if world.fault == "412 counts as a failure" and after is state:
            place = FAILED
        then = partial(uploader, number=number, place=place, messages=messages, holds=holds)
        fails = partial(uploader, number=number, place=FAILED, messages=messages, holds=holds)
        if world.fault == "a failed write is acknowledged":
            fails = then
        dies = partial(let_go, number=number, messages=messages, holds=holds)
        yield from call(state, after, then, fails, dies)


@step("a release refuses the message", "uploader.message.read_message")
def _(world: World, state: State) -> Moves:
    for number, messages, holds in uploaders_at(state, GOT):
        if messages.bit_count() == 1 and world.gives_up:
            yield "", uploader(state, number, REFUSED, messages, holds=holds)


@step("the quarantine object is written", "uploader.bucket.Bucket.put_once")
def _(world: World, state: State) -> Moves:
    for number, messages, holds in uploaders_at(state, REFUSED):
        after = state._replace(quarantined=state.quarantined | messages)
        then = partial(uploader, number=number, place=DONE, messages=messages, holds=holds)
        fails = partial(uploader, number=number, place=FAILED, messages=messages, holds=holds)
        dies = partial(let_go, number=number, messages=messages, holds=holds)
        yield from call(state, after, then, fails, dies)
        place, replayed = state.replay
        if place in (LISTED, LOADED) and replayed == messages:
            yield "finds it there", then(state)


@step("the poller deletes", "template.UploaderFunction.Events.Messages")
def _(world: World, state: State) -> Moves:
    for number, messages, holds in uploaders_at(state, DONE):
        yield "", uploader(state, number, IDLE, 0, holds=False)
        yield "is lost, or undone by SQS", let_go(state, number, messages, holds=holds)


@step("visibility is pushed back", "uploader.visibility.Visibility._hide")
def _(world: World, state: State) -> Moves:
    for number, messages, holds in uploaders_at(state, FAILED):
        yield "in any way", let_go(state, number, messages, holds=holds)


@step("SQS gives up", "template.DeadLetterQueue")
def _(world: World, state: State) -> Moves:
    for message in subsets(state.visible if world.gives_up else 0, largest=1):
        for how, visible in taken(state.visible, message):
            kept = 0 if world.fault == "there is no dead-letter queue" else message
            yield how, state._replace(visible=visible, dead=state.dead | kept)


@step("an object is deleted", "template.MessageBucket.LifecycleConfiguration")
def _(world: World, state: State) -> Moves:
    for object_ in subsets(state.objects if world.deletes else 0, largest=1):
        rest = state._replace(objects=state.objects & ~object_)
        gone = world.stored(state) & ~world.stored(rest)
        yield "by lifecycle or by hand", rest._replace(erased=state.erased | gone)


# ---- replay -------------------------------------------------------------------------------------


def ended(state: State) -> State:
    """Return *state* with the replay over; what it had taken and not deleted is there again."""
    place, message = state.replay
    if place in LETTER_PLACES:
        state = state._replace(dead=state.dead | message)
    elif place in REFUSED_PLACES:
        state = state._replace(quarantined=state.quarantined | message)
    return state._replace(replay=(IDLE, 0))


def at(state: State, place: int) -> State:
    """Return *state* with the replay at *place* with its message."""
    return state._replace(replay=(place, state.replay[1]))


@step("replay receives a dead letter", "operations.replay.dead_letters.dead_letters")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == IDLE:
        for message in subsets(state.dead, largest=1):
            for how, dead in taken(state.dead, message):
                yield how, state._replace(dead=dead, replay=(HELD, message))


@step("replay lists quarantine", "operations.replay.quarantine.quarantined")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == IDLE:
        for message in subsets(state.quarantined, largest=1):
            for how, rest in taken(state.quarantined, message):
                yield how, state._replace(quarantined=rest, replay=(LISTED, message))


@step("replay loads from quarantine", "operations.replay.quarantine._candidate.load")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == LISTED:
        yield from call(state, state, partial(at, place=LOADED), ended, ended)


@step("replay sends", "operations.replay.replay.replay")
def _(world: World, state: State) -> Moves:
    place, message = state.replay
    if place not in (HELD, LOADED):
        return
    if world.fault == "replay deletes first":
        yield "deletes first, killed after", state._replace(replay=(IDLE, 0))
    sent = state._replace(visible=state.visible | message)
    then = partial(at, place=SENT_LETTER if place == HELD else SENT_REFUSED)
    yield from call(state, sent, then, ended, ended)


@step("replay deletes a dead letter", "operations.replay.dead_letters._candidate.discard")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == SENT_LETTER:
        deleted = state._replace(replay=(SHOWING, 0))
        yield from call(state, deleted, lambda done: done, ended, ended)


@step("replay deletes from quarantine", "operations.replay.quarantine._candidate.discard")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == SENT_REFUSED:
        deleted = state._replace(replay=(IDLE, 0))
        yield from call(state, deleted, lambda done: done, ended, ended)


@step(
    "replay counts, and renews what it holds",
    "operations.replay.dead_letters.waiting",
    "operations.replay.dead_letters._renew",
)
def _(world: World, state: State) -> Moves:
    if state.replay[0] in (IDLE, HELD):
        yield "in any way", state


@step("replay shows the rest again", "operations.replay.dead_letters.dead_letters")
def _(world: World, state: State) -> Moves:
    if state.replay[0] == SHOWING:
        yield "in any way", ended(state)
