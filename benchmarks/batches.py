"""Requests of 1,000 messages, and what one execution answers in a second.

SQS takes its time here, as in a region: packs that go out one after the other wait for each other.
"""

import contextlib
import statistics
from collections.abc import Iterator

from operations.cost.prices import ASSUMED, MEMORY_MB

from .contenders import Contender, StubAws, before, email, post, stub_aws, weir
from .control_group import cpu_share, is_allowed
from .handler import Event, Handler

ITEMS = 1000
SLOW_MS = 150
TRIES = 4
SINGLE_CALLS = 50
CONTENDERS = [weir("validator"), before("validator")]


def report(rounds: int) -> None:
    """Print both ways side by side, at a whole core and at the function's share of one."""
    share = MEMORY_MB["validator"] / ASSUMED["full_cpu_mb"]
    many = post([email() for _ in range(ITEMS)], "/messages/email/batch")
    with stub_aws(send_seconds=ASSUMED["sqs_call_ms"] / 1000) as stub:
        print(f"\n## {ITEMS:,} messages of 1 KB in one request, {ASSUMED['sqs_call_ms']} ms a call")
        print(f"\n{rounds} rounds, in turn; wall milliseconds: median and range.\n")
        print("| | " + " | ".join(each.name for each in CONTENDERS) + " | Weir / before |")
        print("|---|" + "---|" * (len(CONTENDERS) + 1), flush=True)
        for part in (1.0, share):
            now, then = _walls(CONTENDERS, many, stub, part, rounds)
            ratios = [one / other for one, other in zip(now, then, strict=True)]
            cells = [f"{statistics.median(each):.0f} {_range(each)}" for each in (now, then)]
            cells.append(f"**{statistics.median(ratios):.2f}** {_range(ratios, 2)}")
            print(f"| {_named(part)} | " + " | ".join(cells) + " |", flush=True)
        _report_single(stub, share, rounds)
    with stub_aws(send_seconds=SLOW_MS / 1000) as stub:
        _report_tries(many, stub, share)


@contextlib.contextmanager
def _at(share: float, contender: Contender, event: Event, stub: StubAws) -> Iterator[Handler]:
    """Run *contender* at *share* of a core, before everything else that this machine does."""
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(cpu_share(share)) if is_allowed() else None
        handler = stack.enter_context(Handler(contender, event, stub))
        if group:
            group.add(handler.pid)
        yield handler


def _named(share: float) -> str:
    return f"{share:.0%} of a core" if is_allowed() else "no control group: whatever is free"


def _walls(
    contenders: list[Contender],
    event: Event,
    stub: StubAws,
    share: float,
    rounds: int,
    calls: int = 1,
) -> list[list[float]]:
    """Return the wall milliseconds of each contender, measured in turn."""
    with contextlib.ExitStack() as stack:
        handlers = [stack.enter_context(_at(share, each, event, stub)) for each in contenders]
        for handler in handlers:
            handler.call()
        taken = [[handler.call(calls) for handler in handlers] for _ in range(rounds)]
    assert {each.status for row in taken for each in row} == {202}
    return [[row[number].wall_ms for row in taken] for number in range(len(contenders))]


def _range(values: list[float], digits: int = 0) -> str:
    return f"({min(values):.{digits}f} to {max(values):.{digits}f})"


def _report_single(stub: StubAws, share: float, rounds: int) -> None:
    [walls] = _walls([weir("validator")], post(email()), stub, share, rounds, SINGLE_CALLS)
    wall = statistics.median(walls)
    print(f"\nOne message in a request takes {wall:.0f} ms {_range(walls)} at {share:.0%}", end=" ")
    print(f"of a core: {1000 / wall:.0f} requests a second and execution.")


def _report_tries(event: Event, stub: StubAws, share: float) -> None:
    print(
        f"\n{ITEMS:,} messages at {SLOW_MS} ms a call and {share:.0%} of a core, sent again",
        end=" ",
    )
    print("until each is confirmed (time-out 15 s):\n")
    print("| Contender | " + " | ".join(f"after try {n}" for n in range(1, TRIES + 1)) + " |")
    print("|---|" + "---|" * TRIES, flush=True)
    for contender in CONTENDERS:
        confirmed: set[int] = set()
        cells = []
        with _at(share, contender, event, stub) as handler:
            for _ in range(TRIES):
                if len(confirmed) < ITEMS:
                    confirmed |= set(handler.call().queued)
                cells.append(str(len(confirmed)))
        print(f"| {contender.name} | " + " | ".join(cells) + " |", flush=True)
