"""Answers in the form that API Gateway takes (payload format 2.0)."""

import json
from collections.abc import Sequence
from typing import Any

from ..intake.intake import Outcome
from ..intake.message import Message
from ..problems import Kind, ProblemError, unavailable

Answer = dict[str, Any]


def json_answer(
    status: int,
    document: Any,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Answer:
    """Return *document* as JSON."""
    return {
        "statusCode": status,
        "headers": {"content-type": media_type, "cache-control": "no-store", **(headers or {})},
        "body": json.dumps(document, separators=(",", ":")),
    }


def problem_answer(problem: ProblemError) -> Answer:
    """Return *problem* as RFC 9457 problem details."""
    return json_answer(
        problem.kind.status, problem.document, problem.headers, "application/problem+json"
    )


def single_answer(outcome: Outcome, *, is_event: bool = False) -> Answer:
    """Return the receipt of one message, or its problem; of an event in headers alone."""
    if isinstance(outcome, ProblemError):
        return problem_answer(outcome)
    location, receipt = outcome.location(), outcome.receipt()
    headers = {"location": location} if location else {}
    if not is_event:
        return json_answer(202, receipt, headers)
    # Knative takes a body for a failure.
    headers |= {f"weir-{name.replace('_', '-')}": text for name, text in receipt.items()}
    return {"statusCode": 202, "headers": headers, "body": ""}


def batch_answer(outcomes: Sequence[Outcome]) -> Answer:
    """Return a result per item, in order: 202 if all are queued, 207 if some, else a problem."""
    results = [_result(index, outcome) for index, outcome in enumerate(outcomes)]
    queued = sum(isinstance(outcome, Message) for outcome in outcomes)
    document: dict[str, Any] = {
        "queued": queued,
        "refused": len(outcomes) - queued,
        "results": results,
    }
    if queued:
        return json_answer(202 if queued == len(outcomes) else 207, document)
    kinds = {each.kind for each in outcomes if isinstance(each, ProblemError)}
    if Kind.UNAVAILABLE in kinds:
        return problem_answer(unavailable("No message of the batch was queued.", document))
    # Where the key alone stands in the way, the messages themselves are right.
    kind = kinds.pop() if kinds == {Kind.IDEMPOTENCY_CONFLICT} else Kind.INVALID_MESSAGE
    return problem_answer(
        ProblemError(kind, "No message of the batch can be taken.", members=document)
    )


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, ProblemError):
        return {"index": index, "http_status": outcome.kind.status, "problem": outcome.document}
    return {"index": index, "http_status": 202, **outcome.receipt()}
