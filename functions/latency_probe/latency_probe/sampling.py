"""The plan of a run: how many probes, how far apart, and for how long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import uniform
from time import monotonic, sleep

from .probes.reply import Reply, Status

MOST_SAMPLES = 99  # Powertools publishes a metric at its 100th value, which would split a run
TIMEOUTS_THAT_END_A_RUN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """The shape of a run; raise `ValueError` for one that cannot give honest figures."""

    sample_count: int = 20
    interval_seconds: float = 0.05
    timeout_seconds: float = 0.9

    def __post_init__(self) -> None:
        if not 1 <= self.sample_count <= MOST_SAMPLES:
            raise ValueError(f"the number of samples must be from 1 to {MOST_SAMPLES}")
        if not 0 <= self.interval_seconds <= 10:
            raise ValueError("the interval must be from 0 to 10 seconds")
        if not 0 < self.timeout_seconds < 1:
            # The kernel sends a SYN again after 1 s: a later answer could belong to either.
            raise ValueError("the timeout must be above 0 and below 1 second")


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of sampling, which stands still when somebody sets the wall clock."""

    now: Callable[[], float] = monotonic
    sleep: Callable[[float], None] = sleep
    spread: Callable[[float, float], float] = uniform


def take_samples(
    send_probe: Callable[[], Reply], plan: Plan, deadline: float, clock: Clock
) -> Iterator[Reply]:
    """Yield a run's replies in order; end early when a dead target or *deadline* says so.

    The first probe is discarded: it pays for address resolution and routes on the way. The
    pauses vary by half, so that the probe does not march in step with anything periodic.
    """
    if clock.now() + plan.timeout_seconds > deadline:
        return
    send_probe()
    timeouts = 0
    for _ in range(plan.sample_count):
        # Sleeping comes last before the probe: a throttled process wakes with CPU time to spend.
        clock.sleep(plan.interval_seconds * clock.spread(0.5, 1.5))
        if clock.now() + plan.timeout_seconds > deadline:
            return
        reply = send_probe()
        yield reply
        timeouts = timeouts + 1 if reply.status is Status.TIMEOUT else 0
        if timeouts == TIMEOUTS_THAT_END_A_RUN:
            return
