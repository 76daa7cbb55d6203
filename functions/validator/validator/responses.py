"""Answers in the form that API Gateway takes (payload format 2.0)."""

import json
from typing import Any

from .problems import ProblemError

Response = dict[str, Any]


def json_response(
    status: int,
    document: Any,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """Answer with *document* as JSON."""
    return {
        "statusCode": status,
        "headers": {"content-type": media_type, "cache-control": "no-store", **(headers or {})},
        "body": json.dumps(document, separators=(",", ":")),
    }


def problem_response(problem: ProblemError) -> Response:
    """Answer with *problem* as RFC 9457 problem details."""
    return json_response(
        problem.kind.status, problem.document, problem.headers, "application/problem+json"
    )
