"""The metrics and the log lines of a batch."""

from datetime import datetime
from typing import TYPE_CHECKING

from .store import Outcome

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics


def publish(outcome: Outcome, metrics: "Metrics", moment: datetime) -> None:
    """Add *outcome*, which ended at *moment*, to *metrics*.

    Counts are published as 0 too, so that alarms have data. The dashboard's ledger adds them up;
    docs/runbook.md lists each case in which it does not balance. A batch of nothing but the
    canary's messages publishes nothing.
    """
    stored = [each for each in outcome.stored if not each.write.records[0].is_canary]
    failed = {each: reason for each, reason in outcome.failed.items() if not each.is_canary}
    if (outcome.stored or outcome.failed) and not (stored or failed):
        return
    outcome = Outcome(stored, failed, outcome.error)
    for attempt in outcome.stored:
        if attempt.is_new and attempt.write.messages:
            metrics.add_metric("StoreTime", "Milliseconds", round(attempt.seconds * 1000, 1))
            metrics.add_metric("StoredSize", "Bytes", len(attempt.write.body))
    for milliseconds in _times_to_store(outcome, moment):
        metrics.add_metric("TimeToStore", "Milliseconds", milliseconds)
    # Last, because Powertools flushes at a metric's 100th value and complains of having nothing
    # left to publish if that was the end of it.
    for name, count in _counts(outcome).items():
        metrics.add_metric(f"Messages{name.capitalize()}", "Count", count)


def log(outcome: Outcome, logger: "Logger", moment: datetime) -> None:
    """Write one line about the batch, and one about each message that someone must look after.

    A message that was stored gets no line of its own: logs cost more than computing does. The
    slowest is in the batch's line, as a query cannot look through a metric's list of values. When
    the whole invocation fails, one line says it for all.
    """
    for attempt in outcome.stored:
        if not attempt.write.messages and attempt.is_new:
            logger.warning(
                "message quarantined",
                object_key=attempt.write.key,
                reason=attempt.write.metadata["reason"],
            )
    figures = _counts(outcome)
    if times := _times_to_store(outcome, moment):
        figures["slowest_ms"] = max(times)
    if outcome.error:
        logger.error("batch failed", reason=str(outcome.error), extra=figures)
        return
    for record, reason in outcome.failed.items():
        logger.warning(
            "message delayed",
            message_id=record.attribute("message_id"),
            client=record.attribute("client"),
            reason=reason,
            receive_count=record.receive_count,
        )
    logger.info("batch stored", extra=figures)


def _times_to_store(outcome: Outcome, moment: datetime) -> list[int]:
    """Return the milliseconds from the receipt of each new message to *moment*, not below 0."""
    return [
        max(0, round((moment - message.received_at).total_seconds() * 1000))
        for attempt in outcome.stored
        if attempt.is_new
        for message in attempt.write.messages
    ]


def _counts(outcome: Outcome) -> dict[str, int]:
    """Return how many messages went which way; together they are all that were received."""
    new = [attempt.write for attempt in outcome.stored if attempt.is_new]
    stored = sum(len(write.messages) for write in new)
    quarantined = sum(not write.messages for write in new)
    acknowledged = sum(len(attempt.write.records) for attempt in outcome.stored)
    return {
        "stored": stored,
        "duplicate": acknowledged - stored - quarantined,
        "quarantined": quarantined,
        "retried": len(outcome.failed),
    }
