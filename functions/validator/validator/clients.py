"""AWS clients, set up for a function that must answer within seconds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# Its debug lines hold tokens and payloads, whatever level Lambda is told to log.
logging.getLogger("botocore").setLevel(logging.INFO)

# What a call may end in when the service fails, refuses, cannot be reached or answers nonsense.
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)

# The longest that one call takes: two attempts of 1 + 2 s, and up to a second between them.
CALL_SECONDS = 7.0

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
    parameter_validation=False,  # our own arguments, the same at every call
    user_agent="weir",  # botocore builds its own anew at every call, the largest spared cost
)


def sqs_client() -> SQSClient:
    """Make the client of SQS."""
    return boto3.client("sqs", config=_CONFIG)


def ssm_client() -> SSMClient:
    """Make the client of the Systems Manager."""
    return boto3.client("ssm", config=_CONFIG)


def s3_client() -> S3Client:
    """Make the client of S3."""
    return boto3.client("s3", config=_CONFIG)


def error_code(error: Exception) -> str:
    """Name *error* for the log: AWS's own code, or the kind of failure."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__
