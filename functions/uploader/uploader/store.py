"""Stores a batch: plans the writes, runs them, and says what became of each record."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .failures import (
    LONE_RECEIVES,
    EveryRecordFailedError,
    PassingError,
    PermanentError,
    SystemicError,
)
from .message import Message, read_message
from .objects import Write, objects_of, quarantine_object
from .record import Record
from .settings import StorageLayout
from .workers import run_all

OUT_OF_TIME = "out-of-time"


class Attempt(NamedTuple):
    """One write, tried once: *is_new* is False for a duplicate, *failure* says why it failed."""

    write: Write
    seconds: float
    is_new: bool = False
    failure: PassingError | None = None


class Outcome(NamedTuple):
    """The outcome of a batch: the *failed* records, each with its reason, must be retried.

    *error* is set if the whole invocation has to fail.
    """

    stored: list[Attempt]
    failed: dict[Record, str]
    error: SystemicError | None


def store_batch(
    records: Sequence[Record],
    put_once: Callable[[Write], bool],
    default_layout: StorageLayout,
    *,
    thread_count: int,
    seconds: float,
) -> Outcome:
    """Store *records* through *put_once* within *seconds*; return what became of each.

    A message that names no layout is stored in *default_layout*.
    """

    def attempt(write: Write) -> Attempt:
        start = time.perf_counter()
        try:
            is_new = put_once(write)
        except PassingError as failure:
            return Attempt(write, time.perf_counter() - start, failure=failure)
        return Attempt(write, time.perf_counter() - start, is_new)

    attempts, error = run_all(
        attempt, _plan(records, default_layout), thread_count=thread_count, seconds=seconds
    )
    if error is not None and not isinstance(error, SystemicError):
        raise error

    # Assume that all failed, then remove what succeeded: writes that never started or finished
    # have no Attempt.
    failed = dict.fromkeys(records, str(error) if error else OUT_OF_TIME)
    stored = [attempt for attempt in attempts if not attempt.failure]
    for finished in attempts:
        for record in finished.write.records:
            if finished.failure:
                failed[record] = str(finished.failure)
            else:
                del failed[record]
    is_first_trouble = len(records) == 1 and records[0].receive_count <= LONE_RECEIVES
    if not error and failed and len(failed) == len(records) and not is_first_trouble:
        error = EveryRecordFailedError(next(iter(failed.values())))
    return Outcome(stored, failed, error)


def _plan(records: Sequence[Record], default_layout: StorageLayout) -> list[Write]:
    """Return the objects to write; quarantine first, since each is a write by itself."""
    messages: list[Message] = []
    quarantined: list[Write] = []
    for record in records:
        try:
            messages.append(read_message(record))
        except PermanentError as error:
            quarantined.append(quarantine_object(record, error.reason))
    return quarantined + objects_of(messages, default_layout)
