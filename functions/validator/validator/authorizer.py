"""The authorizer of the latency route: the same tokens, answered in API Gateway's simple form."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from .access import bearer_token
from .clients import ssm_client
from .parameters import TokenParameters
from .problems import ProblemError
from .tokens import TokenStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
metrics = Metrics()

_parameters = TokenParameters(
    ssm_client(), os.environ["TOKEN_PARAMETER_PATH"], time.monotonic, logger.warning
)
_tokens = TokenStore(_parameters.read, time.time, logger.warning)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Tell whether the request's token is a client's.

    While no tokens can be read, the error propagates: API Gateway keeps an answer for a minute, and
    a refusal that nobody decided must not be kept.
    """
    client = _client_of(event)
    metrics.add_metric("TokensRefused", MetricUnit.Count, int(client is None))
    if client is None:
        source_ip = event["requestContext"]["http"]["sourceIp"]
        logger.warning("token refused", source_ip=source_ip, count=1)
        return {"isAuthorized": False}
    logger.info("token accepted", client=client)
    return {"isAuthorized": True, "context": {"client": client}}


def _client_of(event: dict[str, Any]) -> str | None:
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    try:
        token = bearer_token(headers.get("authorization"))
    except ProblemError:
        return None
    return None if token is None else _tokens.client_of(token)
