"""Summary of a run's replies, and the statistics that the figures are calculated with."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, fsum, sqrt
from typing import NamedTuple

from .probes.reply import Reply, Segment, Source, Status


class Summary(NamedTuple):
    """One run, all times in seconds; None wherever nothing was measured, never 0.

    `samples` holds one entry per probe sent, in order, None for a probe that has no round trip
    by the clock of `source`.
    """

    status: Status
    source: Source | None = None
    sent: int = 0
    answered: int = 0
    samples: tuple[float | None, ...] = ()
    overhead: float | None = None
    error: str | None = None
    segment: Segment | None = None

    @property
    def round_trips(self) -> list[float]:
        """The round trips that were measured, in order."""
        return [sample for sample in self.samples if sample is not None]

    @property
    def loss_ratio(self) -> float:
        """The part that was not answered; 1 when nothing could be sent at all."""
        return 1 - self.answered / self.sent if self.sent else 1.0

    def ratio_within(self, seconds: float) -> float:
        """Return the part of all probes that came back within *seconds*; lost ones did not."""
        return sum(trip <= seconds for trip in self.round_trips) / self.sent if self.sent else 0.0


def summarize(replies: Sequence[Reply]) -> Summary:
    """Return the summary of *replies*; leave out the user's clock where the kernel timed some.

    One slow reading of the user's clock would otherwise pass for a slow network.
    """
    if not replies:
        return Summary(Status.LOCAL_ERROR, error="the time budget was used up")
    sources = {reply.source for reply in replies}
    source = next((known for known in Source if known in sources), None)
    status = _status(replies)
    errors = [one.error for one in replies if status in (one.status, Status.DEGRADED)]
    overheads = [one.overhead_seconds for one in replies if one.overhead_seconds is not None]
    return Summary(
        status,
        source,
        sent=len(replies),
        answered=sum(one.round_trip_seconds is not None for one in replies),
        samples=tuple(one.round_trip_seconds if one.source is source else None for one in replies),
        overhead=median(overheads),
        error=next(filter(None, errors), None),
        segment=min((one.segment for one in replies if one.segment), default=None),
    )


def _status(replies: Sequence[Reply]) -> Status:
    counts = Counter(reply.status for reply in replies)
    succeeded = counts.pop(Status.OK, 0)
    if not counts:
        return Status.OK
    return Status.DEGRADED if succeeded else counts.most_common(1)[0][0]


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean."""
    return fsum(values) / len(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """Return the middle value, or the mean of the two in the middle."""
    ranked = sorted(values)
    middle = len(ranked) // 2
    return mean(ranked[middle : middle + 1] if len(ranked) % 2 else ranked[middle - 1 : middle + 1])


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile: a value that was measured, not one in between."""
    ranked = sorted(values)
    return ranked[ceil(len(ranked) * percent / 100) - 1] if ranked else None


def standard_deviation(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation; one value alone has none."""
    centre = mean(values)
    if centre is None or len(values) < 2:
        return None
    return sqrt(fsum((value - centre) ** 2 for value in values) / (len(values) - 1))


def jitter(samples: Sequence[float | None]) -> float | None:
    """Return the mean difference of neighbours (RFC 3393); a lost probe has no neighbours."""
    return mean([abs(b - a) for a, b in pairwise(samples) if a is not None and b is not None])
