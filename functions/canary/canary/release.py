"""A version that has no traffic yet: invoke it, look for the object, report to CodeDeploy."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from .message import UnprovenError, key_of

logger = Logger()


def report(event: Mapping[str, str], check: Callable[[], object]) -> None:
    """Report to CodeDeploy whether *check* passes, also when it crashes.

    CodeDeploy takes no reason: it goes to the log and to the alarm topic.
    """
    reason = "the check itself failed; its log says why"
    try:
        check()
        reason = ""
    except UnprovenError as error:
        reason = str(error)
    finally:
        boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status="Failed" if reason else "Succeeded",
        )
        if reason:
            logger.error("release refused", reason=reason)
            place = f"{os.environ['VERSION_ARN']} (stage {os.environ['STAGE']})"
            boto3.client("sns").publish(
                TopicArn=os.environ["ALARM_TOPIC_ARN"], Message=f"No traffic for {place}: {reason}"
            )


def invoke(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version's answer to *event*; raise UnprovenError if it fails."""
    # Wait longer than a version may run, and once: a second attempt would be a second message.
    config = Config(read_timeout=90, retries={"total_max_attempts": 1})
    answer = boto3.client("lambda", config=config).invoke(
        FunctionName=os.environ["VERSION_ARN"], Payload=json.dumps(event)
    )
    content: dict[str, Any] = json.load(answer["Payload"]) or {}
    if "FunctionError" in answer:
        raise UnprovenError(f"it fails: {content.get('errorMessage')}")
    return content


def objects_of(message_id: str) -> dict[str, datetime]:
    """Return the keys that bear *message_id* in the folder of its hour, and since when."""
    bucket, (folder, _, _) = os.environ["MESSAGE_BUCKET_NAME"], key_of(message_id).rpartition("/")
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=folder).get("Contents", [])
    return {one["Key"]: one["LastModified"] for one in found if message_id in one["Key"]}
