"""The function that SQS invokes: it puts the parts together and answers for the batch."""

import logging
import os
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from .bucket import Bucket
from .delivery import read_deliveries
from .layout import LAYOUTS
from .report import log, publish
from .settings import Settings
from .upload import upload_batch
from .visibility import LARGEST_BATCH, Visibility
from .workers import run_all

# Kept back from Lambda's timeout for the visibility changes, the metrics and the answer.
RESERVE_SECONDS = 3.0
VISIBILITY_SECONDS = 2.0

# Its debug lines hold messages and credentials, whatever level Lambda is told to log.
logging.getLogger("botocore").setLevel(logging.INFO)

settings = Settings.from_env(os.environ)
logger = Logger()
metrics = Metrics()
config = Config(
    # SQS is the retry: an attempt of our own would only keep a thread from the next message.
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=1,
    read_timeout=5,
    max_pool_connections=settings.thread_count,
    tcp_keepalive=True,
    # What is sent was checked when it was read; together with the agent, which botocore would
    # build anew twice a call, a third of a call's CPU time.
    parameter_validation=False,
    user_agent="weir-uploader",
)
bucket = Bucket(boto3.client("s3", config=config), settings.bucket_name)
visibility = Visibility(boto3.client("sqs", config=config), settings.queue_url)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store every message of *event*; report those that must come again.

    Raise SystemicError if nothing can be stored, so that Lambda backs off, and ForeignEventError
    if the event is none of SQS.
    """
    deliveries = read_deliveries(event)
    upload = upload_batch(
        deliveries,
        bucket.put_once,
        LAYOUTS[settings.storage_layout],
        thread_count=settings.thread_count,
        seconds=max(0.0, context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS),
    )
    moment = datetime.now(UTC)
    publish(upload, metrics, moment)
    log(upload, logger, moment)
    failed = list(upload.failed)
    moved, _ = run_all(
        visibility.push_back,
        list(batched(failed, LARGEST_BATCH, strict=False)),
        thread_count=settings.thread_count,
        seconds=VISIBILITY_SECONDS,
    )
    if sum(moved) < len(failed):
        logger.warning("visibility not changed", count=len(failed) - sum(moved))
    if upload.error:
        raise upload.error
    return {"batchItemFailures": [{"itemIdentifier": delivery.sqs_id} for delivery in failed]}
