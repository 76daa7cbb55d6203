"""The running API against its own OpenAPI document."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def takes_anything(operation: Any) -> bool:
    """Tell whether there is anything in a request that can be wrong."""
    return operation.method == "post" or "{" in operation.path


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_answers_as_the_document_says(stack: dict[str, str], mode: GenerationMode) -> None:
    """For requests that fit and for requests that do not: never a 5xx, never an unlisted answer."""
    token = {"Authorization": f"Bearer {stack['token']}"}
    document = openapi.from_url(f"{stack['api_url']}/openapi.json")

    operations = [found.ok() for found in document.get_all_operations() if isinstance(found, Ok)]

    assert len(operations) == 30  # five, and five of each contract; all but the document itself
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and not takes_anything(operation):
            continue
        if operation.method == "options" and "access_key_id" in stack:
            continue  # the emulator answers every OPTIONS itself, as if CORS were set

        @given(operation.as_strategy(generation_mode=mode))
        @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
        def answers(case: Case[Any]) -> None:
            case.call_and_validate(headers=token, checks=CHECKS)

        answers()
