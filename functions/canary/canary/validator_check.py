"""The pre-traffic check of the validator: a message that it accepts must be stored."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import boto3

from .api import read_tokens
from .message import UnprovenError, judge, key_of, receipt_of, text_at
from .release import invoke, logger, objects_of, report


def lambda_handler(event: dict[str, str], _context: object) -> None:
    """Post one message to the new version, and wait for the object."""
    report(event, _check)


def _check() -> None:
    tokens = read_tokens(boto3.client("ssm"), os.environ["TOKEN_PARAMETER_NAME"], [])
    if not tokens:
        logger.warning("canary has no token")
        return
    request = json.loads(Path(__file__).with_name("http_event.json").read_text())
    request["headers"]["authorization"] = f"Bearer {tokens[0]}"
    request["body"] = json.dumps({"data": text_at(datetime.now(UTC))})
    answer = invoke(request)
    message_id = receipt_of(answer.get("statusCode"), answer.get("body"))
    fault = None
    while fault is None:
        time.sleep(1)
        stored_at = objects_of(message_id).get(key_of(message_id))
        _, fault = judge(message_id, stored_at, datetime.now(UTC))
    if fault:
        raise UnprovenError(f"{message_id} was accepted, and {fault}: not sent, or not yet taken")
