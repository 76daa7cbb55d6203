"""A second `make up` brings the running stack up to date and takes nothing away."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest


def test_redeployment_keeps_address_token_and_messages(
    own_stack: Any, call: Callable[..., Any], stored: Callable[[str, str], list[str]]
) -> None:
    """Whoever works on the code deploys again and again, and goes on where they were."""
    if own_stack is None:
        pytest.skip("redeploys: only for a stack that the tests started")
    before = own_stack.summary()
    sent = {"token": before["token"], "data": {"a": "1", "b": "2", "c": "3", "d": "4"}}
    receipt = call("POST", "/messages/four-fields", sent).json()

    own_stack.run("up")

    assert own_stack.summary() == before
    assert stored("four-fields", receipt["message_id"])
    assert call("POST", "/messages/four-fields", sent).status == 202


def test_redeployment_takes_a_parameter_and_replaces_synced_code(
    own_stack: Any, aws: Callable[[str], Any]
) -> None:
    """Both layouts can be tried, and what `sam sync` left in a function never runs unnoticed."""
    if own_stack is None:
        pytest.skip("redeploys: only for a stack that the tests started")
    functions = aws("lambda")
    pages = functions.get_paginator("list_functions").paginate()
    names = [found["FunctionName"] for page in pages for found in page["Functions"]]
    (authorizer,) = [name for name in names if "-AuthorizerFunction-" in name]
    deployed = functions.get_function_configuration(FunctionName=authorizer)["CodeSha256"]
    synced = functions.update_function_code(FunctionName=authorizer, ZipFile=package())
    assert synced["CodeSha256"] != deployed

    try:
        shown = own_stack.run("up", "StorageLayout=batch")  # posts the samples, and finds them
        kept = own_stack.summary()["parameters"]
        running = functions.get_function_configuration(FunctionName=authorizer)["CodeSha256"]
    finally:
        back = own_stack.run("up", "StorageLayout=")

    assert "/batches/contract=email/dt=" in shown
    assert "/messages/contract=" in back
    assert kept == {"StorageLayout": "batch"}
    assert "in place of synced code: AuthorizerFunction" in shown
    assert running == deployed
    assert own_stack.summary()["parameters"] == {}


def package() -> bytes:
    """Return a function's package that answers nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("validator/authorizer.py", "def lambda_handler(event, context): ...\n")
    return content.getvalue()
