"""The validator as it is usually written: Powertools' resolver with validation, and its Tracer."""

import hmac
import os
import uuid
from datetime import datetime
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, UnauthorizedError
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger()
tracer = Tracer()
metrics = Metrics()
app = APIGatewayHttpResolver(enable_validation=True)
sqs = boto3.client("sqs")


class Email(BaseModel):
    """An e-mail."""

    email_subject: str = Field(min_length=1)
    email_sender: str = Field(min_length=1)
    email_timestream: datetime
    email_content: str = Field(min_length=1)


class Post(BaseModel):
    """The body of a request."""

    data: Email


@app.post("/messages/<contract>")
@tracer.capture_method
def post_message(
    contract: str, body: Post, authorization: Annotated[str, Header()]
) -> tuple[dict[str, Any], int]:
    """Put a message on the queue."""
    if contract != "email":
        raise NotFoundError
    known = parameters.get_parameters(os.environ["TOKEN_PARAMETER_PATH"], decrypt=True)
    token = authorization.removeprefix("Bearer ")
    clients = [name for name, value in known.items() if hmac.compare_digest(value, token)]
    if not clients:
        raise UnauthorizedError("wrong token")
    message_id = str(uuid.uuid4())
    attributes = {"message_id": message_id, "contract": contract, "client": clients[0]}
    sqs.send_message(
        QueueUrl=os.environ["MESSAGE_QUEUE_URL"],
        MessageBody=body.data.model_dump_json(),
        MessageAttributes={
            name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()
        },
    )
    metrics.add_metric("MessagesAccepted", MetricUnit.Count, 1)
    logger.info("message queued", message_id=message_id, client=clients[0])
    return {"message_id": message_id, "status": "queued"}, 202


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    return app.resolve(event, context)
