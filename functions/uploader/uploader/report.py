"""What is told about a batch: its metrics and its log lines."""

from datetime import datetime
from typing import TYPE_CHECKING

from .message import Message
from .upload import Upload

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics


def publish(upload: Upload, metrics: "Metrics", moment: datetime) -> None:
    """Add *upload*, which ended at *moment*, to *metrics*.

    Counts are published as 0 too, so that alarms have data.

    The ledger: of all messages accepted, each is stored, quarantined, or in flight. A message
    counts as stored when S3 says that it is new; one whose answer was lost comes again and counts
    as a duplicate instead. So accepted - stored - quarantined - in flight lies between 0 and the
    duplicates. What exceeds them is lost. It stays above 0 after retries with an Idempotency-Key
    (accepted again, stored once), and is below 0 after quarantine (of what was never accepted, or
    replayed) or, in layout batch, when messages are delivered again in another grouping.
    """
    new = [attempt for attempt in upload.stored if attempt.is_new]
    for attempt in new:
        if attempt.write.messages:
            metrics.add_metric("StoreTime", "Milliseconds", round(attempt.seconds * 1000, 1))
            metrics.add_metric("StoredSize", "Bytes", len(attempt.write.body))
        for message in attempt.write.messages:
            metrics.add_metric("TimeToStore", "Milliseconds", _time_to_store(message, moment))
    # Last, because Powertools flushes at a metric's 100th value and complains of having nothing
    # left to publish if that was the end of it.
    for name, count in _counts(upload).items():
        metrics.add_metric(f"Messages{name.capitalize()}", "Count", count)


def log(upload: Upload, logger: "Logger", moment: datetime) -> None:
    """Write one line about the batch, and one about each message that someone must look after.

    A message that was stored gets no line of its own: logs cost more than computing does. The
    slowest is in the batch's line, as a query cannot look through a metric's list of values. When
    the whole invocation fails, one line says it for all.
    """
    for attempt in upload.stored:
        if not attempt.write.messages and attempt.is_new:
            logger.warning(
                "message quarantined",
                object_key=attempt.write.key,
                reason=attempt.write.metadata["reason"],
            )
    figures = _counts(upload) | _slowest(upload, moment)
    if upload.error:
        logger.error("batch failed", reason=str(upload.error), extra=figures)
        return
    for delivery, reason in upload.failed.items():
        logger.warning(
            "message delayed",
            message_id=delivery.attribute("message_id"),
            client=delivery.attribute("client"),
            reason=reason,
            receive_count=delivery.receive_count,
        )
    logger.info("batch stored", extra=figures)


def _time_to_store(message: Message, moment: datetime) -> int:
    """Return the milliseconds from *message*'s receipt to *moment*, not below 0."""
    return max(0, round((moment - message.received_at).total_seconds() * 1000))


def _slowest(upload: Upload, moment: datetime) -> dict[str, int]:
    """Return the longest time to store of *upload*'s new messages; empty if there are none."""
    times = [
        _time_to_store(message, moment)
        for attempt in upload.stored
        if attempt.is_new
        for message in attempt.write.messages
    ]
    return {"slowest_ms": max(times)} if times else {}


def _counts(upload: Upload) -> dict[str, int]:
    """Return how many messages went which way; together they are all that were delivered."""
    new = [attempt.write for attempt in upload.stored if attempt.is_new]
    stored = sum(len(write.messages) for write in new)
    quarantined = sum(not write.messages for write in new)
    acknowledged = sum(len(attempt.write.deliveries) for attempt in upload.stored)
    return {
        "stored": stored,
        "duplicate": acknowledged - stored - quarantined,
        "quarantined": quarantined,
        "retried": len(upload.failed),
    }
