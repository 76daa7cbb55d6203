"""The validator's Lambda function: settings, clients and routes put together."""

from __future__ import annotations

import os
import secrets
import time
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from .access import client_by_header
from .clients import s3_client, sqs_client, ssm_client
from .idempotency import IdempotencyKeys
from .identifiers import uuid7
from .intake import Intake, Outcome
from .messages import Message
from .openapi import openapi_document
from .parameters import TokenParameters
from .problems import ProblemError
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

# Health checks count nothing, and are no cause for a warning in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)

logger = Logger()
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
        elapsed_ms = (time.perf_counter() - started) * 1000
        metrics.add_metric("EnqueueTime", MetricUnit.Milliseconds, elapsed_ms)
    return confirmed


_s3 = s3_client()
_queue = MessageQueue(sqs_client(), settings.queue_url, time.monotonic, time.sleep, logger.warning)
_parameters = TokenParameters(ssm_client(), settings.token_parameter_path, logger.warning)
_tokens = TokenStore(_parameters.read, time.monotonic, logger.warning)
_keys = IdempotencyKeys(_s3, settings.bucket_name, _time_ms, logger.warning)
_intake = Intake(CONTRACTS, _send, _keys, _new_id)
_receipts = Receipts(_s3, settings.bucket_name, in_batches=settings.stored_in_batches)


def _get_health(request: Request) -> Response:
    version = {"version": settings.version} if "verbose" in request.query else {}
    return json_response(200, {"status": "healthy", **version})


def _get_openapi(_: Request) -> Response:
    return json_response(200, openapi_document(settings.version))


def _post_default(request: Request) -> Response:
    return single_response(_take(request, settings.default_contract)[0])


def _post_message(request: Request) -> Response:
    return single_response(_take(request, request.parameters["contract"])[0])


def _post_batch(request: Request) -> Response:
    return batch_response(_take(request, request.parameters["contract"], many=True))


def _get_message(request: Request) -> Response:
    client_by_header(request.headers.get("authorization"), _tokens.client_of)
    contract = known_contract(request.parameters["contract"])
    return json_response(200, _receipts.find(contract, request.parameters["message_id"]))


def _take(request: Request, contract: str, *, many: bool = False) -> list[Outcome]:
    key = idempotency_key(request.headers.get("idempotency-key"))
    submission = read_submission(request, _tokens.client_of, many=many)
    outcomes = _intake.take(submission, known_contract(contract), key, request.deadline)
    _tell_taken(outcomes, submission.client, contract)
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


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Response:
    """Answer one HTTP request: every refusal is a problem that the sender can read."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    request = Request.from_event(event, deadline)
    try:
        return answer(ROUTES, request)
    except ProblemError as problem:
        _tell_refused(problem, request)
        return problem_response(problem)


def _tell_taken(outcomes: Sequence[Outcome], client: str, contract: str) -> None:
    """Log what was queued and what was not, and count both."""
    queued = [outcome for outcome in outcomes if isinstance(outcome, Message)]
    problems = [outcome for outcome in outcomes if isinstance(outcome, ProblemError)]
    _count(accepted=len(queued), refused=sum(each.kind.status < 500 for each in problems))
    if len(outcomes) == 1 and queued:
        logger.info(
            "message queued",
            message_id=queued[0].message_id,
            client=client,
            contract=contract,
            size_bytes=queued[0].size_bytes(),
        )
    elif queued:
        logger.info(
            "messages queued",
            message_ids=[message.message_id for message in queued],
            client=client,
            contract=contract,
            size_bytes=sum(message.size_bytes() for message in queued),
        )
    if problems:
        reasons = Counter(problem.kind.slug for problem in problems)
        logger.warning("messages refused", client=client, contract=contract, reasons=reasons)


def _tell_refused(problem: ProblemError, request: Request) -> None:
    """Log and count a request that was refused as a whole."""
    logger.warning("request refused", reason=problem.kind.slug, source_ip=request.source_ip)
    if problem.kind.status == 401:
        _count(tokens_refused=1)
    elif request.route in ROUTES and request.method == "POST":
        _count(refused=int(problem.kind.status < 500))


def _count(accepted: int = 0, refused: int = 0, tokens_refused: int = 0) -> None:
    # Noughts too, so that an alarm has data while nothing is wrong.
    metrics.add_metric("MessagesAccepted", MetricUnit.Count, accepted)
    metrics.add_metric("MessagesRefused", MetricUnit.Count, refused)
    metrics.add_metric("TokensRefused", MetricUnit.Count, tokens_refused)
