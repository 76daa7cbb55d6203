"""How a run is paced, and when it ends early."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat

import pytest
from latency_probe.probes.reply import Reply, Source, Status
from latency_probe.sampling import Clock, Plan, take_samples

ANSWER = Reply(Status.OK, 0.001, Source.KERNEL, 0.0001)
TIMEOUT = Reply(Status.TIMEOUT)


class Simulation:
    """A clock that only probes and pauses move, and a network that answers by a script."""

    def __init__(self, script: Iterable[Reply], timeout_seconds: float = 0.9) -> None:
        self.seconds = 0.0
        self.trace: list[str] = []
        self._script = iter(script)
        self._timeout_seconds = timeout_seconds

    def now(self) -> float:
        """Give the simulated time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.trace.append(f"sleep {seconds:g}")
        self.seconds += seconds

    def send_probe(self) -> Reply:
        """Answer by the script; a timeout takes its time."""
        self.trace.append("probe")
        reply = next(self._script)
        self.seconds += self._timeout_seconds if reply.status is Status.TIMEOUT else 0.001
        return reply


def run(
    simulation: Simulation,
    plan: Plan | None = None,
    deadline: float = 1000.0,
    spread: Callable[[float, float], float] = lambda low, high: (low + high) / 2,
) -> list[Reply]:
    """Take the samples of one run."""
    clock = Clock(simulation.now, simulation.sleep, spread)
    return list(take_samples(simulation.send_probe, plan or Plan(), deadline, clock))


def test_the_first_probe_is_thrown_away() -> None:
    """It pays for address resolution on the way, which no later packet does."""
    slow = Reply(Status.OK, 0.5, Source.KERNEL, 0.0)

    replies = run(Simulation(chain([slow], repeat(ANSWER))))

    assert replies == [ANSWER] * 20


def test_every_sample_follows_right_after_a_pause() -> None:
    """A throttled process that has just woken has CPU time to spend on the probe."""
    simulation = Simulation(repeat(ANSWER))

    run(simulation, Plan(sample_count=2, interval_seconds=0.05))

    assert simulation.trace == ["probe", "sleep 0.05", "probe", "sleep 0.05", "probe"]


def test_the_pauses_vary_by_half() -> None:
    """A steady beat would march in step with whatever else is periodic."""
    simulation = Simulation(repeat(ANSWER))
    ends = iter([min, max])

    run(
        simulation,
        Plan(sample_count=2, interval_seconds=0.1),
        spread=lambda low, high: next(ends)(low, high),
    )

    assert [step for step in simulation.trace if step != "probe"] == ["sleep 0.05", "sleep 0.15"]


def test_five_timeouts_in_a_row_end_the_run() -> None:
    """A dead target must not use up everybody's time."""
    simulation = Simulation(repeat(TIMEOUT))

    replies = run(simulation)

    assert replies == [TIMEOUT] * 5
    assert simulation.seconds < 6


def test_timeouts_with_an_answer_in_between_do_not_end_the_run() -> None:
    """Heavy loss is a measurement, so the run goes on and counts it."""
    script = chain([ANSWER], chain.from_iterable(repeat([TIMEOUT] * 4 + [ANSWER])))

    assert len(run(Simulation(script))) == 20


def test_other_failures_do_not_end_the_run() -> None:
    """They come back at once, so counting them all costs nothing."""
    assert len(run(Simulation(repeat(Reply(Status.NET_UNREACHABLE))))) == 20


@pytest.mark.parametrize("deadline", [0.5, 3.0, 10.0])
def test_a_run_never_outlives_its_deadline(deadline: float) -> None:
    """The function must answer before Lambda ends it, whatever the targets do."""
    script = chain.from_iterable(repeat([TIMEOUT, TIMEOUT, ANSWER]))
    simulation = Simulation(script)

    replies = run(simulation, Plan(sample_count=99), deadline)

    assert simulation.seconds <= deadline
    assert len(replies) < 99


@pytest.mark.parametrize(
    ("sample_count", "interval_seconds", "timeout_seconds"),
    [
        (0, 0.05, 0.9),
        (100, 0.05, 0.9),
        (20, -0.01, 0.9),
        (20, float("nan"), 0.9),
        (20, float("inf"), 0.9),
        (20, 0.05, 0.0),
        (20, 0.05, 1.0),
        (20, 0.05, float("nan")),
    ],
)
def test_a_plan_that_cannot_give_honest_figures_is_refused(
    sample_count: int, interval_seconds: float, timeout_seconds: float
) -> None:
    """At 100 values Powertools would split a run; after 1 s the kernel sends a SYN again."""
    with pytest.raises(ValueError, match="must be"):
        Plan(sample_count, interval_seconds, timeout_seconds)
