"""The floor under every validator: boto3 putting one message on the queue, with Weir's settings."""

import json
import os
from typing import Any

import boto3
from botocore.config import Config

sqs = boto3.client(
    "sqs",
    config=Config(
        retries={"mode": "standard", "total_max_attempts": 2},
        tcp_keepalive=True,
        parameter_validation=False,
        user_agent="weir",
    ),
)
attributes = {"message_id": "019bc12b-c62b-7224-8417-f956ac7c599f", "contract": "email"}
answer = {"statusCode": 202, "body": json.dumps(attributes)}


def lambda_handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Put the body on the queue, whatever it is."""
    sqs.send_message(
        QueueUrl=os.environ["MESSAGE_QUEUE_URL"],
        MessageBody=event["body"],
        MessageGroupId="acme",
        MessageAttributes={
            name: {"StringValue": value, "DataType": "String"} for name, value in attributes.items()
        },
    )
    return answer
