"""The validator's Lambda function: settings, clients and routes put together."""

from __future__ import annotations

import gc
import os
import secrets
import time
import warnings
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics

from .access import client_by_header
from .clients import CALL_SECONDS, s3_client, sqs_client, ssm_client
from .idempotency import IdempotencyKeys
from .identifiers import uuid7
from .intake import Intake
from .journal import Journal
from .openapi import openapi_document
from .parameters import TokenParameters
from .problems import ProblemError, unavailable
from .queue import MessageQueue
from .receipts import Receipts
from .registry import CONTRACTS, known_contract
from .requests import Request
from .responses import Response, json_response, problem_response
from .results import batch_response, idempotency_key, single_response
from .routes import answer
from .settings import Settings
from .submissions import read_submission
from .tokens import TokenStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from .intake import Outcome
    from .messages import Message

# Health checks count nothing, and are no cause for a warning in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)

# What Lambda's context and the code's line would add to each line costs more than it tells
# (docs/performance.md); the request's id finds the rest.
logger = Logger(location=None)
metrics = Metrics()
settings = Settings.from_env(os.environ)
CONTRACTS[settings.default_contract]  # a wrong name fails the cold start


def _time_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_id() -> str:
    return uuid7(_time_ms(), secrets.randbits(74))


def _send(messages: Sequence[Message], deadline: float) -> set[str]:
    started = time.perf_counter()
    confirmed = _queue.send(messages, deadline)
    if confirmed:
        _journal.enqueued_in((time.perf_counter() - started) * 1000)
    return confirmed


_journal = Journal(logger, metrics, _time_ms)
_s3 = s3_client()
_queue = MessageQueue(sqs_client(), settings.queue_url, time.monotonic, time.sleep, logger.warning)
_parameters = TokenParameters(
    ssm_client(), settings.token_parameter_path, time.monotonic, logger.warning
)
# By the wall clock: the monotonic one may stand still while Lambda keeps the function frozen, and a
# deleted token would live on.
_tokens = TokenStore(_parameters.read, time.time, logger.warning)
_keys = IdempotencyKeys(_s3, settings.bucket_name, _time_ms, time.monotonic, logger.warning)
_intake = Intake(CONTRACTS, _send, _keys, _new_id, time.monotonic)
_receipts = Receipts(_s3, settings.bucket_name, in_batches=settings.stored_in_batches)


def _get_health(request: Request) -> Response:
    version = {"version": settings.version} if "verbose" in request.query else {}
    return json_response(200, {"status": "healthy", **version})


def _get_openapi(_: Request) -> Response:
    return json_response(200, openapi_document(settings.version, settings.default_contract))


def _post_default(request: Request) -> Response:
    return single_response(_take(request, settings.default_contract)[0])


def _post_message(request: Request) -> Response:
    return single_response(_take(request, request.parameters["contract"])[0])


def _post_batch(request: Request) -> Response:
    return batch_response(_take(request, request.parameters["contract"], many=True))


def _get_message(request: Request) -> Response:
    client = client_by_header(request.headers.get("authorization"), _tokens.client_of)
    contract = known_contract(request.parameters["contract"])
    _journal.looked_up(client, contract)
    if time.monotonic() + CALL_SECONDS > request.deadline:
        raise unavailable("The tokens took too long to read.")
    return json_response(200, _receipts.find(contract, request.parameters["message_id"]))


def _take(request: Request, contract: str, *, many: bool = False) -> list[Outcome]:
    key = idempotency_key(request.headers.get("idempotency-key"))
    submission = read_submission(request, _tokens.client_of, many=many)
    outcomes = _intake.take(submission, known_contract(contract), key, request.deadline)
    _journal.taken(outcomes, submission.client, contract)
    return outcomes


ROUTES = {
    "GET /": _get_health,
    "GET /health": _get_health,
    "GET /openapi.json": _get_openapi,
    "GET /messages/{contract}/{message_id}": _get_message,
    "POST /": _post_default,
    "POST /messages/{contract}": _post_message,
    "POST /messages/{contract}/batch": _post_batch,
}


@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Response:
    """Answer one HTTP request: every refusal is a problem that the sender can read."""
    logger.append_keys(function_request_id=context.aws_request_id)
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    request = Request.from_event(event, deadline)
    # JSON has no cycles, and looking for some among millions of nested values takes longer than the
    # time-out: a request of 27 kB could have ended in a 500.
    gc.disable()
    try:
        return answer(ROUTES, request)
    except ProblemError as problem:
        posted = request.route in ROUTES and request.method == "POST"
        _journal.refused(problem, request.source_ip, messages=int(posted))
        return problem_response(problem)
    finally:
        gc.enable()
