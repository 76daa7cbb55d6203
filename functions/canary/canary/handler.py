"""The function that the schedule invokes each minute: it sends, looks up, and publishes."""

import os
from datetime import UTC, datetime

import boto3
from aws_lambda_powertools import Logger, Metrics
from botocore.config import Config

from .api import Api, read_tokens
from .message import UnprovenError, judge

# A message counts as late in each minute until then, so that every minute of an outage does: the
# schedule is not exact, and may look at a message just before it is late.
LAST_LOOK_SECONDS = 150

logger = Logger()
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])
ssm = boto3.client(
    "ssm", config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
)
tokens: list[str] = []
waiting: list[str] = []  # ids of what this environment sent, and looks up again


@metrics.log_metrics
def lambda_handler(_event: object, _context: object) -> None:
    """Send one message, judge the earlier ones, and publish whether one was late.

    Without a token nothing is sent, so nothing is late; the log says so.
    """
    tokens[:] = read_tokens(ssm, os.environ["TOKEN_PARAMETER_NAME"], tokens)
    faults: list[str | None] = []
    if tokens:
        api, earlier = Api(os.environ["API_URL"], tokens), waiting.copy()
        try:
            waiting.append(api.send(datetime.now(UTC)))
        except UnprovenError as error:
            faults.append(str(error))
        faults += [_judge(api, message_id) for message_id in earlier]
    else:
        logger.warning("canary has no token")
    for fault in filter(None, faults):
        logger.warning("canary late", reason=fault)
    metrics.add_metric("CanaryLate", "Count", int(any(faults)))


def _judge(api: Api, message_id: str) -> str | None:
    """Publish how long a message took or has waited, and return what is wrong."""
    waiting.remove(message_id)
    try:
        stored_at = api.stored_at(message_id)
    except UnprovenError as error:
        return str(error)
    seconds, fault = judge(message_id, stored_at, datetime.now(UTC))
    metrics.add_metric("Freshness", "Seconds", seconds)
    if not stored_at and seconds < LAST_LOOK_SECONDS:
        waiting.append(message_id)
    return fault
