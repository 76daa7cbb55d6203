"""The authorizer of the latency route: the same clients, answered in API Gateway's simple form."""
# ruff: noqa: E402 - nothing is imported before garbage collection is off

import gc

gc.disable()  # imports make no garbage; looking for some is a tenth of a cold start

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics

from .aws import CALL_THREADS, CLIENT_CONFIG, prepare
from .problems import ProblemError
from .tokens.access import admitted, bearer_token
from .tokens.parameters import TokenParameters
from .tokens.store import TokenStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])

parameters = TokenParameters(
    boto3.client("ssm", config=CLIENT_CONFIG),
    os.environ["TOKEN_PARAMETER_PATH"],
    ThreadPoolExecutor(CALL_THREADS),
    time.monotonic,
    logger.warning,
)
tokens = TokenStore(parameters.read, time.time, logger.warning)


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], _: "LambdaContext") -> dict[str, Any]:
    """Return whether the request's token is a client's that may read the metrics.

    Raise TokensUnreadableError while no tokens can be read: API Gateway keeps an answer for a
    minute, and would keep a refusal too.
    """
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    try:
        token = bearer_token(headers.get("authorization"))
        identity = admitted(tokens.identify(token) if token else None, "metrics")
    except ProblemError as problem:
        metrics.add_metric("TokensRefused", "Count", 1)
        source_ip = event["requestContext"]["http"]["sourceIp"]
        logger.warning(
            "token refused",
            reason=problem.kind.slug,
            client=problem.client,
            source_ip=source_ip,
            count=1,
        )
        return {"isAuthorized": False}
    metrics.add_metric("TokensRefused", "Count", 0)
    client = identity.client.name
    logger.info("token accepted", client=client, token_hash=identity.token.hash)
    return {"isAuthorized": True, "context": {"client": client}}


prepare(tokens.read_ahead)
# Modules and classes live as long as the function: leave them out of every later collection.
gc.freeze()
gc.enable()
