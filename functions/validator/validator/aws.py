"""AWS clients for a function that must answer within seconds, and their time limits."""

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

# botocore's debug lines hold tokens and payloads, whatever level Lambda is set to log.
logging.getLogger("botocore").setLevel(logging.INFO)

# Raised by a call if the service fails, refuses, cannot be reached or answers nonsense.
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)

# The longest time of one call: two attempts of 1 + 2 s, and up to a second between them.
CALL_SECONDS = 7.0

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
    parameter_validation=False,  # the arguments are the same at every call
    # Fixed: botocore otherwise builds this string for every call, its largest avoidable cost.
    user_agent="weir",
)


def sqs_client() -> "SQSClient":
    """Return a client of SQS."""
    return boto3.client("sqs", config=_CONFIG)


def ssm_client() -> "SSMClient":
    """Return a client of Systems Manager."""
    return boto3.client("ssm", config=_CONFIG)


def s3_client() -> "S3Client":
    """Return a client of S3."""
    return boto3.client("s3", config=_CONFIG)


def error_code(error: Exception) -> str:
    """Return a name of *error* for the log: AWS's own code, or the kind of failure."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__
