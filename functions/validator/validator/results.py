"""The answer to a POST: one receipt, or a result for each item."""

import re
from collections.abc import Sequence
from typing import Any

from .intake import Outcome
from .messages import Message
from .problems import Kind, ProblemError, unavailable
from .responses import Response, json_response, problem_response

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(header: str | None) -> str | None:
    """Return the Idempotency-Key of a *header*; refuse one that is no plain text."""
    if header is not None and not _KEY.fullmatch(header):
        raise ProblemError(
            Kind.INVALID_IDEMPOTENCY_KEY, "Use 1 to 255 visible ASCII characters without spaces."
        )
    return header


def single_response(outcome: Outcome) -> Response:
    """Answer with the receipt of one message, or with its problem."""
    if isinstance(outcome, ProblemError):
        return problem_response(outcome)
    return json_response(202, outcome.receipt(), {"location": outcome.location()})


def batch_response(outcomes: Sequence[Outcome]) -> Response:
    """Answer with a result for each item, in order: 202 all queued, 207 some, or a problem."""
    results = [_result(index, outcome) for index, outcome in enumerate(outcomes)]
    queued = sum(isinstance(outcome, Message) for outcome in outcomes)
    document: dict[str, Any] = {
        "queued": queued,
        "refused": len(outcomes) - queued,
        "results": results,
    }
    if queued:
        return json_response(202 if queued == len(outcomes) else 207, document)
    if any(each.kind is Kind.UNAVAILABLE for each in outcomes if isinstance(each, ProblemError)):
        return problem_response(unavailable("No message of the batch was queued.", document))
    return problem_response(
        ProblemError(
            Kind.INVALID_MESSAGE, "No message of the batch can be taken.", members=document
        )
    )


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, ProblemError):
        return {"index": index, "http_status": outcome.kind.status, "problem": outcome.document}
    return {"index": index, "http_status": 202, **outcome.receipt()}
