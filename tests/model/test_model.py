"""The design is safe and live in every state, and errors planted into it are found."""

from dataclasses import replace

import pytest

from tests.model.design import STEPS, World
from tests.model.search import Search

# Each looks at one side of the design in full, as all sides together have too many states.
WORLDS = {
    "three overlapping tries of one key, one with another body, on two days": (
        World("aab", days=1, gives_up=False),
        100_000,
    ),
    "two tries of one key, with dead letters, quarantine and replay": (World("aa"), 50_000),
    "two uploaders at one message, with all that and deletions": (
        World("a", keyed=False, uploaders=2, deletes=True),
        30_000,
    ),
    "two uploaders at batches of two messages": (
        World("ab", keyed=False, batch=True, uploaders=2, gives_up=False),
        50_000,
    ),
}

LOST = "a message that was promised is nowhere"
TWO_MESSAGES = "one key stands for two messages of one day"
NEVER_DONE = "what was promised can no longer be stored and settled"

KEY = World("aa", gives_up=False)
QUEUE = World("a", keyed=False)
PLANTED = [
    (KEY, "202 comes before the queue's answer", LOST),
    (KEY, "the queue comes before the claim", TWO_MESSAGES),
    (KEY, "the claim has no condition", TWO_MESSAGES),
    (KEY, "an unreadable key counts as new", TWO_MESSAGES),
    (World("aaa", days=1, gives_up=False), "an old claim is renewed blindly", TWO_MESSAGES),
    (World("ab", gives_up=False), "bodies are not compared", "two bodies have one id"),
    (KEY, "a claim locks its key", "the sender can no longer get a 202 that day"),
    (QUEUE, "a receive deletes", LOST),
    (QUEUE, "a failed write is acknowledged", LOST),
    (QUEUE, "the key names the delivery", "a message has two objects"),
    (QUEUE, "412 counts as a failure", NEVER_DONE),
    (QUEUE, "there is no dead-letter queue", LOST),
    (QUEUE, "replay deletes first", LOST),
    (QUEUE, "a look-up trusts the queue", "a message was called stored and is not"),
]


@pytest.mark.parametrize(("world", "least"), WORLDS.values(), ids=WORLDS)
def test_every_state_is_safe_and_leads_to_storage(world: World, least: int) -> None:
    """Nothing promised is ever lost or stored twice, and no state is a dead end.

    A model that lost most of its states to an error would be safe and live as well.
    """
    result = Search(world).run()

    print(f"{result.states:,} states, {result.transitions:,} steps, {result.seconds:.1f} s of CPU")
    assert not result.broken, [result.broken, *result.trace]
    assert result.states >= least


def test_every_step_is_taken() -> None:
    """A step that can never be taken would show nothing."""
    names = {step.name for step in STEPS}

    taken = [Search(world).run().steps for world in (World("aa", days=1, gives_up=False), QUEUE)]
    deleting = Search(World("a", keyed=False, deletes=True, gives_up=False)).run().steps

    assert taken[0] | taken[1] | deleting == names


@pytest.mark.parametrize(("world", "fault", "broken"), PLANTED, ids=[each[1] for each in PLANTED])
def test_an_error_in_the_design_is_found(world: World, fault: str, broken: str) -> None:
    """Each planted error gives its shortest trace; a model that finds none proves nothing."""
    result = Search(replace(world, fault=fault)).run()

    print(f"\n{broken}:", *result.trace, sep="\n  ")
    assert result.broken == broken
