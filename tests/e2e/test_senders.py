"""Senders as they are, against a running stack: understood, stored once, with what is beside it."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from operations.project import ROOT
from operations.stored import keys
from operations.token.entry import digest_of
from tests.support.webhooks import EVENTS, WEBHOOKS, entry, github_webhook

SECONDS_OF_A_NEW_CLIENT = 70  # ten, unless other tests have just guessed tokens
TOKEN = "a token of the senders' tests, with 32 characters"


@pytest.fixture(scope="module")
def clients(stack: dict[str, str], aws: Callable[[str], Any]) -> Iterator[dict[str, str]]:
    """Make a client for each scheme, and one with keyed events; yield their names."""
    ssm = aws("ssm")
    path = stack["token_parameter_path"]
    names = {scheme: f"{scheme}-{uuid.uuid4().hex[:8]}" for scheme in (*WEBHOOKS, "events")}
    for scheme, name in names.items():
        value = (
            entry(scheme)
            if scheme in WEBHOOKS
            else {
                "tokens": [{"sha256": digest_of(TOKEN), "expires_at": None}],
                "contracts": ["*"],
                "rights": ["send", "look-up"],
                "suspended": False,
                "keyed_events": True,
            }
        )
        ssm.put_parameter(Name=f"{path}/{name}", Value=json.dumps(value), Type="SecureString")
    yield names
    for name in names.values():
        ssm.delete_parameter(Name=f"{path}/{name}")


def sent(url: str, headers: dict[str, str], body: bytes) -> requests.Response:
    """Send once, and again while the client is too new to be known."""
    deadline = time.monotonic() + SECONDS_OF_A_NEW_CLIENT
    while True:
        answer = requests.post(url, data=body, headers=headers, timeout=30)
        if answer.status_code != 401 or time.monotonic() > deadline:
            return answer
        time.sleep(2)


def kept_beside(
    stack: dict[str, str], aws: Callable[[str], Any], message_id: str
) -> dict[str, Any] | None:
    """Return the context of the only object of a message, None if there is none yet."""
    s3 = aws("s3")
    prefix = "messages/contract=any-object/"
    found = [key for key in keys(s3, stack["bucket"], prefix) if message_id in key]
    assert len(found) <= 1
    if not found:
        return None
    metadata = s3.head_object(Bucket=stack["bucket"], Key=found[0])["Metadata"]
    context: dict[str, Any] = json.loads(metadata["context"])
    return context


@pytest.mark.usefixtures("receipts")
@pytest.mark.parametrize("scheme", WEBHOOKS)
def test_a_webhook_is_stored_once(
    scheme: str,
    stack: dict[str, str],
    aws: Callable[[str], Any],
    clients: dict[str, str],
    stored: Callable[..., list[str]],
    eventually: Callable[..., Any],
) -> None:
    """Delivered four times, signed each time: one object with the value that was sent."""
    data = {"id": f"evt_{uuid.uuid4().hex}", "name": "Zo\u00eb \U0001f600", "number": 1.5}
    url = f"{stack['api_url']}/webhooks/{clients[scheme]}/any-object"

    answers = [sent(url, *WEBHOOKS[scheme](data)) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202] * 4, answers[0].text
    [message_id] = {answer.json()["message_id"] for answer in answers}
    assert eventually(lambda: stored("any-object", message_id), within_seconds=15)
    assert [json.loads(each) for each in stored("any-object", message_id)] == [data]
    context = eventually(lambda: kept_beside(stack, aws, message_id), within_seconds=5)
    assert context["delivery"]["id"]
    wrong = WEBHOOKS[scheme](data, secret="whsec_" + "A" * 32)
    refused = requests.post(url, data=wrong[1], headers=wrong[0], timeout=30)
    assert (refused.status_code, refused.json()["type"]) == (
        401,
        "urn:weir:problem:invalid-signature",
    )


@pytest.mark.usefixtures("receipts")
@pytest.mark.parametrize("mode", EVENTS)
def test_an_event_is_stored_once(
    mode: str,
    stack: dict[str, str],
    aws: Callable[[str], Any],
    clients: dict[str, str],
    stored: Callable[..., list[str]],
    eventually: Callable[..., Any],
) -> None:
    """As the SDKs send it, four times, for a client whose events are keyed."""
    data = {"id": uuid.uuid4().hex, "name": "Zo\u00eb", "number": 1.5}
    headers, body = EVENTS[mode](data)
    headers |= {"Authorization": f"Bearer {TOKEN}"}
    url = f"{stack['api_url']}/messages/any-object"

    answers = [sent(url, headers, body) for _ in range(4)]

    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "")] * 4
    [message_id] = {answer.headers["weir-message-id"] for answer in answers}
    assert eventually(lambda: stored("any-object", message_id), within_seconds=15)
    assert [json.loads(each) for each in stored("any-object", message_id)] == [data]
    context = eventually(lambda: kept_beside(stack, aws, message_id), within_seconds=5)
    assert context["cloudevent"]["id"] == data["id"]


def test_the_documented_lines_send_an_event(stack: dict[str, str]) -> None:
    """Whoever copies them from docs/senders.md gets a 202."""
    document = (ROOT / "docs" / "senders.md").read_text()
    [lines] = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    answers: list[requests.Response] = []
    names = {"TOKEN": stack["token"], "API": stack["api_url"]}
    shown = lines.replace("requests.post(", "answer = requests.post(")

    exec(shown, names)  # noqa: S102
    answers.append(names["answer"])  # type: ignore[arg-type]

    assert answers[0].status_code == 202


@pytest.mark.parametrize("path", ["/", "/messages/any-object"])
def test_a_sender_of_events_that_asks_may_send(stack: dict[str, str], path: str) -> None:
    """The gateway must not answer the handshake itself."""
    if "access_key_id" in stack:
        pytest.skip("the emulator answers every OPTIONS itself, as if CORS were set")
    headers = {"WebHook-Request-Origin": "eventgrid.azure.net"}

    answer = requests.options(f"{stack['api_url']}{path}", headers=headers, timeout=30)

    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert requests.options(f"{stack['api_url']}{path}", timeout=30).status_code == 405


def test_a_form_is_told_what_to_choose(stack: dict[str, str], clients: dict[str, str]) -> None:
    """GitHub's first choice arrives as a form."""
    headers, _ = github_webhook({"id": 1})
    headers["content-type"] = "application/x-www-form-urlencoded"
    url = f"{stack['api_url']}/webhooks/{clients['github']}/any-object"

    answer = requests.post(url, data=b"payload=%7B%7D", headers=headers, timeout=30)

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]
