"""The validator's Lambda function: settings, clients and routes put together."""
# ruff: noqa: E402 - nothing is imported before garbage collection is off

import gc

gc.disable()  # imports make no garbage; looking for some is a tenth of a cold start

import json
import os
import secrets
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics

from .aws import CALL_THREADS, CLIENT_CONFIG, prepare
from .contracts.registry import CONTRACTS, known_contract
from .deadline import Deadline
from .http.answers import Answer, batch_answer, json_answer, problem_answer, single_answer
from .http.cloudevents import is_event, read_event
from .http.request import Request
from .http.routing import answer, consent, not_allowed
from .http.submission import read_delivery, read_post
from .intake.context import trace_of
from .intake.idempotency import IdempotencyKeys, idempotency_key
from .intake.intake import Intake, Outcome, Submission
from .intake.message import Message
from .intake.message_id import uuid7
from .intake.queue import MessageQueue
from .problems import ProblemError
from .receipts import Receipts
from .settings import Settings
from .telemetry import Telemetry
from .tokens.access import Caller, signer
from .tokens.entry import CANARY, Client, Token
from .tokens.parameters import TokenParameters
from .tokens.store import Identity, TokenStore

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Health checks count nothing, and are not worth a warning in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)

# Keep Lambda's context and the source location out of the log lines: they cost more than they help
# (docs/performance.md). The request's id leads to both.
logger = Logger(location=None)
metrics = Metrics()
metrics.set_default_dimensions(stage=os.environ["STAGE"])
settings = Settings.from_env(os.environ)
CONTRACTS[settings.default_contract]  # a wrong name fails the cold start

# Kept back from Lambda's time-out to write the answer: of 1,000 items, with a share of a CPU.
ANSWER_SECONDS = 1.0


def _time_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_id() -> str:
    return uuid7(_time_ms(), secrets.randbits(74))


def _send(messages: Sequence[Message], deadline: Deadline) -> set[str]:
    started = time.perf_counter()
    sent = queue.send(messages, deadline)
    if messages[0].contract != CANARY:  # it counts in the canary's own metrics alone
        telemetry.sent(sent, (time.perf_counter() - started) * 1000)
    return sent.confirmed


def _layout_of(contract: str) -> str:
    return CONTRACTS[contract].layout or settings.storage_layout


threads = ThreadPoolExecutor(CALL_THREADS)
sqs = boto3.client("sqs", config=CLIENT_CONFIG)
ssm = boto3.client("ssm", config=CLIENT_CONFIG)
s3 = boto3.client("s3", config=CLIENT_CONFIG)
telemetry = Telemetry(logger, metrics, _time_ms)
queue = MessageQueue(sqs, settings.queue_url, threads, time.sleep, logger.warning)
parameters = TokenParameters(
    ssm, settings.token_parameter_path, threads, time.monotonic, logger.warning
)
# By the wall clock: the monotonic one may stand still while Lambda keeps the function frozen, and a
# deleted token would live on.
tokens = TokenStore(parameters.read, time.time, logger.warning, telemetry.counted)
keys = IdempotencyKeys(s3, settings.key_bucket_names, threads, _time_ms, logger.warning)
intake = Intake(CONTRACTS, _layout_of, _send, keys, _new_id, telemetry.counted)
receipts = Receipts(s3, settings.bucket_name, threads, _layout_of, _time_ms)


def _get_health(request: Request) -> Answer:
    version = {"version": settings.version} if "verbose" in request.query else {}
    return json_answer(200, {"status": "healthy", **version})


def _head_health(request: Request) -> Answer:
    return {**_get_health(request), "body": ""}


@cache  # everybody may ask for it, and nobody pays for it
def _openapi_answer() -> Answer:
    document = json.loads((Path(__file__).parent / "http" / "openapi.json").read_text())
    document["info"]["version"] = settings.version
    paths = document["paths"]
    default = paths.get(f"/messages/{settings.default_contract}", paths["/"])
    paths["/"]["post"] = {**default["post"], "operationId": "postDefault"}
    return json_answer(200, document)


def _post_message(request: Request) -> Answer:
    contract = request.parameters.get("contract", settings.default_contract)
    if not is_event(request):
        return single_answer(_take(request, contract)[0])
    key = idempotency_key(request.headers.get("idempotency-key"))
    identity = _caller(request, "send", contract).confirmed()
    item, context = read_event(request)
    if key is None and identity.client.has_keyed_events:  # no header can hold a line break
        key = "event\n" + json.dumps([context["cloudevent"][name] for name in ("source", "id")])
    submission = Submission(identity.client.name, [item], context)
    return single_answer(_queued(request, identity, contract, submission, key)[0], is_event=True)


def _post_batch(request: Request) -> Answer:
    return batch_answer(_take(request, request.parameters["contract"], many=True))


def _get_message(request: Request) -> Answer:
    if request.parameters["message_id"] == "batch":  # API Gateway matches the route's variable
        raise not_allowed(["POST"])
    contract = request.parameters["contract"]
    identity = _caller(request, "look-up", contract).confirmed()
    telemetry.looked_up(identity.client.name, identity.token.hash, known_contract(contract))
    message_id = request.parameters["message_id"]
    return json_answer(200, receipts.find(contract, message_id, request.deadline.allows_call))


def _post_webhook(request: Request) -> Answer:
    name, contract = request.parameters["client"], request.parameters["contract"]
    body, now = request.signed_bytes(), time.time()

    def secret_of(client: Client) -> Token | None:
        return client.secret_of(request.headers, body, now) if client.name == name else None

    identity = signer(lambda: tokens.find(secret_of), contract)
    item, delivery = read_delivery(body, identity.client.signing.delivery(request.headers))
    context = {"delivery": delivery, **trace_of(request.headers)}
    submission = Submission(identity.client.name, [item], context, is_delivery=True)
    key = f"delivery\n{delivery['id']}"
    return single_answer(_queued(request, identity, contract, submission, key)[0])


def _take(request: Request, contract: str, *, many: bool = False) -> list[Outcome]:
    key = idempotency_key(request.headers.get("idempotency-key"))
    caller = _caller(request, "send", contract)
    post = read_post(request, many=many)
    identity = caller.confirmed(post.token)
    submission = Submission(identity.client.name, post.items(), trace_of(request.headers))
    return _queued(request, identity, contract, submission, key)


def _queued(
    request: Request, identity: Identity, contract: str, submission: Submission, key: str | None
) -> list[Outcome]:
    outcomes = intake.take(submission, known_contract(contract), key, request.deadline)
    if contract != CANARY:
        telemetry.taken(outcomes, submission.client, identity.token.hash, contract)
    return outcomes


def _caller(request: Request, right: str, contract: str) -> Caller:
    header = request.headers.get("authorization")
    return Caller.by_header(header, tokens.identify, right, contract)


ROUTES = {
    "GET /": _get_health,
    "HEAD /": _head_health,
    "GET /health": _get_health,
    "HEAD /health": _head_health,
    "GET /openapi.json": lambda _: _openapi_answer(),
    "GET /messages/{contract}/{message_id}": _get_message,
    "POST /": _post_message,
    "POST /messages/{contract}": _post_message,
    "POST /messages/{contract}/batch": _post_batch,
    "POST /webhooks/{client}/{contract}": _post_webhook,
    "OPTIONS /": consent,
    "OPTIONS /messages/{contract}": consent,
}


@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: "LambdaContext") -> Answer:
    """Answer one HTTP request: every refusal is a problem that the sender can read."""
    logger.append_keys(function_request_id=context.aws_request_id)
    seconds = context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS
    request = Request.from_event(event, Deadline(time.monotonic() + seconds, time.monotonic))
    # Turn cyclic garbage collection off: JSON makes no cycles, and scanning millions of nested
    # values outlasts the time-out. A request of 27 kB could end in a 500.
    gc.disable()
    try:
        return answer(ROUTES, request)
    except ProblemError as problem:
        posted = request.route in ROUTES and request.method == "POST"
        telemetry.refused(problem, request.source_ip, messages=int(posted))
        return problem_answer(problem)
    finally:
        gc.enable()


prepare(tokens.read_ahead, queue.connect)
# Modules and classes live as long as the function: leave them out of every later collection.
gc.freeze()
gc.enable()
