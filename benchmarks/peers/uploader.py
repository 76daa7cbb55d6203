"""The uploader as it is usually written: Powertools' batch processor, and its Tracer."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS)
s3 = boto3.client("s3")


@tracer.capture_method
def store(record: SQSRecord) -> None:
    """Store one message."""
    message_id = record.message_attributes["message_id"]
    assert message_id
    key = f"messages/{message_id.string_value}.json"
    s3.put_object(
        Bucket=os.environ["MESSAGE_BUCKET_NAME"],
        Key=key,
        Body=record.body.encode(),
        ContentType="application/json",
    )
    metrics.add_metric("MessagesStored", MetricUnit.Count, 1)
    logger.info("message stored", object_key=key)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Store every record of *event*."""
    return process_partial_response(  # type: ignore[return-value]
        event=event, record_handler=store, processor=processor, context=context
    )
