"""The way of a batch: sorted, written, and judged by what could not be written."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .delivery import Delivery
from .faults import EveryRecordFailedError, PassingError, PermanentError, SystemicError
from .layout import Layout
from .message import Message, read_message
from .quarantine import quarantine_object
from .workers import run_all
from .write import Write

OUT_OF_TIME = "out-of-time"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write, tried once: *is_new* is False for a duplicate, *fault* says why it failed."""

    write: Write
    seconds: float
    is_new: bool = False
    fault: PassingError | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of a batch: *failed* deliveries, with the reason, must come again.

    *error* is set if the whole invocation has to fail.
    """

    stored: list[Attempt]
    failed: dict[Delivery, str]
    error: SystemicError | None


def upload_batch(
    deliveries: Sequence[Delivery],
    put_once: Callable[[Write], bool],
    layout: Layout,
    *,
    thread_count: int,
    seconds: float,
) -> Upload:
    """Store *deliveries* through *put_once* within *seconds*; return what became of each."""

    def attempt(write: Write) -> Attempt:
        start = time.perf_counter()
        try:
            is_new = put_once(write)
        except PassingError as fault:
            return Attempt(write, time.perf_counter() - start, fault=fault)
        return Attempt(write, time.perf_counter() - start, is_new)

    attempts, error = run_all(
        attempt, _plan(deliveries, layout), thread_count=thread_count, seconds=seconds
    )
    if error is not None and not isinstance(error, SystemicError):
        raise error

    # Failed until shown otherwise: what was not finished, or never begun, is in no attempt.
    failed = dict.fromkeys(deliveries, str(error) if error else OUT_OF_TIME)
    stored = [attempt for attempt in attempts if not attempt.fault]
    for finished in attempts:
        for delivery in finished.write.deliveries:
            if finished.fault:
                failed[delivery] = str(finished.fault)
            else:
                del failed[delivery]
    if not error and len(failed) == len(deliveries) > 1:
        error = EveryRecordFailedError(next(iter(failed.values())))
    return Upload(stored, failed, error)


def _plan(deliveries: Sequence[Delivery], layout: Layout) -> list[Write]:
    """Return the objects to write; quarantine first, since each is a write by itself."""
    messages: list[Message] = []
    quarantined: list[Write] = []
    for delivery in deliveries:
        try:
            messages.append(read_message(delivery))
        except PermanentError as error:
            quarantined.append(quarantine_object(delivery, error.reason))
    return quarantined + layout(messages)
