"""The function that SQS invokes: it puts the parts together and answers for the batch."""
# ruff: noqa: E402 - nothing is imported before garbage collection is off

import gc

gc.disable()  # imports make no garbage; looking for some is a tenth of a cold start

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import batched
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from .aws import client_config
from .bucket import Bucket
from .record import Record, read_records
from .settings import Settings
from .store import store_batch
from .telemetry import log, publish
from .visibility import LARGEST_BATCH, Visibility
from .workers import run_all

# Kept back from Lambda's timeout for the visibility changes, the metrics and the answer.
RESERVE_SECONDS = 3.0
VISIBILITY_SECONDS = 2.0

settings = Settings.from_env(os.environ)
logger = Logger()
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])
config = client_config(settings.thread_count)
bucket = Bucket(boto3.client("s3", config=config), settings.bucket_name)
visibility = Visibility(boto3.client("sqs", config=config), settings.queue_url)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store every message of *event*; report the records that must be retried.

    Raise SystemicError if nothing can be stored, so that Lambda backs off, and ForeignEventError
    if the event is not from SQS.
    """
    records = read_records(event)
    timeout = context.get_remaining_time_in_millis() / 1000
    retried = [record for record in records if record.receive_count > 1]
    _hide(partial(visibility.scatter, seconds=timeout), retried)
    outcome = store_batch(
        records,
        bucket.put_once,
        settings.storage_layout,
        thread_count=settings.thread_count,
        seconds=max(0.0, context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS),
    )
    moment = datetime.now(UTC)
    publish(outcome, metrics, moment)
    log(outcome, logger, moment)
    failed = list(outcome.failed)
    _hide(visibility.push_back, failed)
    if outcome.error:
        raise outcome.error
    return {"batchItemFailures": [{"itemIdentifier": record.sqs_id} for record in failed]}


def _hide(hide: Callable[[Sequence[Record]], int], records: Sequence[Record]) -> None:
    moved, _ = run_all(
        hide,
        list(batched(records, LARGEST_BATCH, strict=False)),
        thread_count=settings.thread_count,
        seconds=VISIBILITY_SECONDS,
    )
    if sum(moved) < len(records):
        logger.warning("visibility not changed", count=len(records) - sum(moved))


# Modules and classes live as long as the function: leave them out of every later collection.
gc.freeze()
gc.enable()
