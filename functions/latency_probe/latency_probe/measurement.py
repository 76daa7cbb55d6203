"""The run over all targets: a measurement each, whatever happens to the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import time
from typing import NamedTuple

from .probes.methods import Choice
from .probes.reply import Endpoint, Status
from .resolution import ResolutionError, resolve
from .sampling import Clock, Plan, take_samples
from .summary import Summary, summarize
from .target import Target

RESOLUTION_TIMEOUT_SECONDS = 2.0

type Resolver = Callable[[Target, float], Endpoint]


class Measurement(NamedTuple):
    """One run over one target, taken at `taken_at` (Unix seconds)."""

    target: Target
    method: str
    taken_at: float
    summary: Summary
    address: str | None
    resolution_seconds: float | None


def measure(
    targets: Sequence[Target],
    choice: Choice,
    plan: Plan,
    budget_seconds: float,
    *,
    clock: Clock | None = None,
    resolver: Resolver = resolve,
) -> list[Measurement]:
    """Return the measurements of *targets*, in their order, within *budget_seconds*.

    Each target has a thread: they mostly wait, and a dead target holds up nobody else.
    """
    clock = clock or Clock()
    deadline = clock.now() + budget_seconds
    executor = ThreadPoolExecutor(len(targets))
    try:
        measure_one = partial(_measure_one, choice, plan, deadline, clock, resolver)
        return list(executor.map(measure_one, targets))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _measure_one(
    choice: Choice, plan: Plan, deadline: float, clock: Clock, resolver: Resolver, target: Target
) -> Measurement:
    taken_at, started = time(), clock.now()  # the wall clock is a label here, and times nothing
    try:
        endpoint = resolver(target, min(RESOLUTION_TIMEOUT_SECONDS, deadline - started))
    except ResolutionError as error:
        unresolved = Summary(Status.DNS_FAILURE, error=str(error))
        return Measurement(target, choice.name, taken_at, unresolved, None, clock.now() - started)
    resolution_seconds = None if target.is_address else clock.now() - started

    send_probe = partial(choice.method, endpoint, plan.timeout_seconds)
    summary = summarize(list(take_samples(send_probe, plan, deadline, clock)))
    address = str(endpoint.address[0])
    return Measurement(target, choice.name, taken_at, summary, address, resolution_seconds)
