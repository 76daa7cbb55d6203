"""A second `make up` brings the running stack up to date and takes nothing away."""

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
