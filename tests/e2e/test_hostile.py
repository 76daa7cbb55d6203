"""Hostile bodies over real HTTP: refused with a 4xx, or read back from S3 as they were sent."""

import gzip
import http.client
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.validator import corpus

SECRET = "5ecret-of-a-sender"

Post = Callable[..., tuple[int, Any]]


def exactly(text: str) -> str:
    """Return what *text* stands for, so that 1, 1.0 and true differ and every digit counts."""
    return repr(json.loads(text, parse_float=Decimal))


def message(text: str) -> str:
    """Return a message that holds the value *text*."""
    return f'{{"email_timestream":"0","s":"{SECRET}","x":{text}}}'


@pytest.fixture
def post(stack: dict[str, str]) -> Post:
    """Return what posts bytes as they are."""
    address = urlsplit(stack["api_url"])
    secure = address.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection

    def send(path: str, body: bytes, **headers: str) -> tuple[int, Any]:
        connection = connect(address.netloc, timeout=30)
        common = {"Authorization": f"Bearer {stack['token']}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", address.path + path, body, common | named)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    return send


def test_what_is_accepted_reads_back_equal(
    stack: dict[str, str],
    post: Post,
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> None:
    """Integers to the last digit, and every character, all the way to the object."""
    texts = [text for text in corpus.ACCEPTED if "\n" not in text and "\r" not in text]
    body = "\n".join(message(text) for text in texts).encode()

    status, document = post(
        "/messages/timestamped/batch", body, Content_Type="application/x-ndjson"
    )

    assert (status, document["queued"]) == (202, len(texts))
    for text, result in zip(texts, document["results"], strict=True):
        if text not in texts[::9]:
            continue  # each look-up lists the bucket: a selection is enough
        (content,) = eventually(
            lambda found=result["message_id"]: stored("timestamped", found), within_seconds=30
        )
        assert exactly(content) == exactly(message(text)), text[:50]


@pytest.mark.parametrize("text", corpus.REFUSED[::6], ids=lambda text: repr(text[:20]))
def test_what_is_no_json_is_refused(post: Post, text: str) -> None:
    """By the function, through the gateway, whatever the bytes."""
    body = f'{{"data":{message(text)}}}'.encode("utf-8", "surrogatepass")

    assert post("/messages/timestamped", body)[0] == 400


@pytest.mark.parametrize("raw", [*corpus.NOT_UTF8[::3], b"\xff\xfe{\0}\0", b"\0", b""], ids=repr)
def test_bytes_that_are_no_text_are_refused(post: Post, raw: bytes) -> None:
    """Over HTTP they come as they are, and the gateway makes of them what it will."""
    assert 400 <= post("/messages/timestamped", b'{"data":' + raw + b"}")[0] < 500


def test_a_letter_of_another_encoding_is_refused(post: Post) -> None:
    """Within a valid message, where only the gateway's replacement of it would be stored."""
    body = '{"data":{"email_timestream":"0","x":"café"}}'.encode("latin-1")

    assert post("/messages/timestamped", body)[0] == 400


def test_a_bomb_is_refused(post: Post) -> None:
    """A hundred kilobytes that would be a hundred megabytes."""
    bomb = gzip.compress(b" " * 100 * 1024 * 1024)

    assert 400 <= post("/messages/timestamped", bomb, Content_Encoding="gzip")[0] < 500


def test_a_body_above_what_lambda_takes_is_refused(one_machine: dict[str, str], post: Post) -> None:
    """In AWS the gateway itself refuses what is above 10 MB."""
    status, _ = post("/messages/timestamped", b'{"data":"' + b"x" * 7_000_000 + b'"}')

    assert status == 413


def test_a_new_token_works_within_ten_seconds(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    post: Post,
    eventually: Callable[..., Any],
) -> None:
    """A sender that was just given its token can use it; a guess before that changes nothing."""
    token = f"token-{time.time_ns()}"
    name = "/weir/local/tokens/hostile-test"
    body = b'{"data":{"email_timestream":"0"}}'

    def accepted() -> bool:
        return post("/messages/timestamped", body, Authorization=f"Bearer {token}")[0] == 202

    assert not accepted()
    aws("ssm").put_parameter(Name=name, Value=token, Type="SecureString")
    try:
        assert eventually(accepted, within_seconds=11)
    finally:
        aws("ssm").delete_parameter(Name=name)


def test_no_log_holds_a_token_or_a_value(
    request: pytest.FixtureRequest, one_machine: dict[str, str], aws: Callable[[str], Any]
) -> None:
    """Logs are read by more people than tokens and payloads are meant for."""
    logs = aws("logs")
    groups = logs.get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    lines = [
        event["message"]
        for name in names
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in page["events"]
    ]

    assert any("messages queued" in line for line in lines)
    assert not [line for line in lines if SECRET in line or one_machine["token"] in line]
