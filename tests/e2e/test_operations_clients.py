"""A client's life on the deployed stack: made, limited, rotated and suspended by `make token`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from operations.project import ROOT
from tests.e2e.conftest import Answer

CLIENT = "rotating-sender"
MESSAGE = {
    "email_subject": "Rotation",
    "email_sender": "e2e",
    "email_timestream": "1693561101",
    "email_content": "Sent twice, with two tokens.",
}
NEW_TOKEN_SECONDS = 60
CACHE_SECONDS = 300
RESEND_SECONDS = 60
STORED_SECONDS = 120

Call = Callable[..., Answer]
Token = Callable[..., str]


@pytest.fixture
def token(stack: dict[str, str], one_machine: dict[str, str]) -> Iterator[Token]:
    """Return what runs `make token`'s command line on the stack."""
    environment = os.environ | {
        "AWS_ENDPOINT_URL": one_machine["endpoint_url"],
        "AWS_ACCESS_KEY_ID": one_machine["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": one_machine["secret_access_key"],
        "AWS_DEFAULT_REGION": one_machine["region"],
        "PYTHONPATH": "functions/validator",
    }

    def run(action: str, *arguments: str) -> str:
        command = [sys.executable, "-m", "operations.token", action, "--client", CLIENT]
        done = subprocess.run(
            [*command, "--stage", "local", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    yield run
    run("remove")


def keyed(stack: dict[str, str], token: str) -> Any:
    """Send the message under one key; return the receipt, or None where it has to be sent again."""
    address = urlsplit(stack["api_url"])
    request = Request(  # noqa: S310 - the stack's own address
        address.geturl() + "/messages/email",
        json.dumps({"data": MESSAGE}).encode(),
        {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": "order-of-the-rotation",
        },
    )
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            assert answer.status == 202
            return json.load(answer)
    except HTTPError as refusal:
        if refusal.code != 503:
            raise
        return None


def test_a_client_is_rotated_limited_and_suspended(
    stack: dict[str, str],
    token: Token,
    call: Call,
    eventually: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
) -> None:
    """One message across a rotation; a sender reads no metrics; a suspended client gets 403."""

    def status(path: str, shown: str) -> int:
        return call("POST", path, {"data": MESSAGE}, shown).status

    first = token("make", "--contracts", "email")
    assert eventually(lambda: status("/messages/email", first) == 202, NEW_TOKEN_SECONDS)
    sent = eventually(lambda: keyed(stack, first), RESEND_SECONDS)
    second = token("rotate")
    assert eventually(lambda: status("/messages/email", second) == 202, NEW_TOKEN_SECONDS)
    again = eventually(lambda: keyed(stack, second), RESEND_SECONDS)
    elsewhere = status("/messages/any-object", first)
    metrics = call("GET", "/metrics", token=first).status
    token("suspend")

    assert again["message_id"] == sent["message_id"]
    assert (elsewhere, metrics) == (403, 403)
    assert eventually(lambda: stored("email", sent["message_id"]), STORED_SECONDS)
    assert len(stored("email", sent["message_id"])) == 1
    assert eventually(lambda: status("/messages/email", second) == 403, CACHE_SECONDS)
