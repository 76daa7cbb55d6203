"""The validator's handler against SQS, SSM and S3 as moto plays them."""

import copy
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

EVENTS = Path(__file__).parents[3] / "events"
TOKEN = "example-token-of-acme"
BUCKET = "weir-messages"

Send = Callable[[dict[str, Any]], dict[str, Any]]


def event(name: str) -> dict[str, Any]:
    """Return the recorded event *name*."""
    loaded: dict[str, Any] = json.loads((EVENTS / "validator" / f"{name}.json").read_text())
    return loaded


def body_of(response: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON document that *response* carries."""
    document: dict[str, Any] = json.loads(response["body"])
    return document


class Context(SimpleNamespace):
    """What Lambda tells about one invocation."""

    function_name = "validator"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:validator"
    aws_request_id = "0c83f57c-786a-4b4a-b9ef-ab23731c7ebc"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of a timeout of fifteen seconds."""
        return 15_000


class Account(SimpleNamespace):
    """An account with one client's token, an empty queue and an empty bucket."""

    def queued(self) -> list[dict[str, Any]]:
        """Take every message from the queue."""
        taken: list[dict[str, Any]] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            if "Messages" not in answer:
                return taken
            taken += answer["Messages"]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Make the account and the environment that the template sets."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_SERVICE_NAME": "validator",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "MESSAGE_BUCKET_NAME": BUCKET,
        "TOKEN_PARAMETER_PATH": "/weir/dev/tokens",
        "DEFAULT_CONTRACT": "email",
        "STORAGE_LAYOUT": "message",
        "WEIR_VERSION": "1.2.3",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        sqs, ssm, s3 = boto3.client("sqs"), boto3.client("ssm"), boto3.client("s3")
        queue_url = sqs.create_queue(QueueName="messages")["QueueUrl"]
        monkeypatch.setenv("MESSAGE_QUEUE_URL", queue_url)
        s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        ssm.put_parameter(Name="/weir/dev/tokens/acme", Value=TOKEN, Type="SecureString")
        yield Account(sqs=sqs, ssm=ssm, s3=s3, queue_url=queue_url)


def fresh_handler() -> ModuleType:
    """Import the handler as a cold start does."""
    sys.modules.pop("validator.handler", None)
    return importlib.import_module("validator.handler")


@pytest.fixture
def send(account: Account) -> Send:
    """Return the handler of a new execution environment."""
    handler = fresh_handler()
    return lambda recorded: handler.lambda_handler(copy.deepcopy(recorded), Context())


def test_queues_a_message_as_it_was_sent(send: Send, account: Account) -> None:
    """A 202 is a promise: the queue has the message, with all that the uploader needs."""
    response = send(event("post_default"))

    receipt = body_of(response)
    (message,) = account.queued()
    assert response["statusCode"] == 202
    assert message["Body"] == json.dumps(
        json.loads(event("post_default")["body"])["data"], separators=(",", ":")
    )
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "message_id": receipt["message_id"],
        "contract": "email",
        "client": "acme",
        "contract_version": "1",
    }


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("refused_not_json", 400, "not-json"),
        ("refused_ambiguous_json", 400, "ambiguous-json"),
        ("refused_invalid_idempotency_key", 400, "invalid-idempotency-key"),
        ("refused_missing_token", 401, "missing-token"),
        ("refused_invalid_token", 401, "invalid-token"),
        ("refused_not_found", 404, "not-found"),
        ("refused_unknown_contract", 404, "unknown-contract"),
        ("refused_not_stored", 404, "not-stored"),
        ("refused_method_not_allowed", 405, "method-not-allowed"),
        ("refused_unsupported_media_type", 415, "unsupported-media-type"),
        ("refused_invalid_message", 422, "invalid-message"),
    ],
)
def test_refuses_with_a_stable_problem(
    send: Send, account: Account, name: str, status: int, problem: str
) -> None:
    """A sender tells refusals apart by type; nothing refused is in the queue."""
    response = send(event(name))

    document = body_of(response)
    assert response["statusCode"] == document["status"] == status
    assert response["headers"]["content-type"] == "application/problem+json"
    assert document["type"] == f"urn:weir:problem:{problem}"
    assert document["title"]
    assert account.queued() == []


@pytest.mark.parametrize(
    ("name", "queued"),
    [
        ("post_default", 1),
        ("post_email", 1),
        ("post_four_fields", 1),
        ("post_timestamped", 1),
        ("post_idempotent", 1),
        ("post_batch", None),
        ("post_batch_ndjson", None),
    ],
)
def test_takes_every_recorded_message(
    send: Send, account: Account, name: str, queued: int | None
) -> None:
    """The samples are what `sam local invoke` and the documentation show."""
    response = send(event(name))

    document = body_of(response)
    assert response["statusCode"] in ((202,) if queued else (202, 207))
    assert len(account.queued()) == (queued or document["queued"])
    if queued:
        assert response["headers"]["location"].endswith(document["message_id"])


def test_the_same_key_gives_the_same_receipt_in_another_environment(account: Account) -> None:
    """A retry may meet another instance of the function, which knows nothing of the first."""
    recorded = event("post_idempotent")

    first, second = (fresh_handler().lambda_handler(recorded, Context()) for _ in range(2))

    assert body_of(first) == body_of(second)
    ids = {sent["MessageAttributes"]["message_id"]["StringValue"] for sent in account.queued()}
    assert ids == {body_of(first)["message_id"]}


def test_the_same_key_with_another_body_is_a_conflict(send: Send) -> None:
    """Taking it would lose one of the two."""
    recorded = event("post_idempotent")
    send(recorded)
    other = {**recorded, "body": recorded["body"].replace("John", "Jane")}

    response = send(other)

    assert response["statusCode"] == 409
    assert body_of(response)["type"] == "urn:weir:problem:idempotency-conflict"


def test_finds_a_stored_message_by_its_receipt(send: Send, account: Account) -> None:
    """By the key alone, which the uploader made from contract and id."""
    receipt = body_of(send(event("post_email")))
    day, hour = receipt["received_at"][:10], receipt["received_at"][11:13]
    time = receipt["received_at"].replace("-", "").replace(":", "")
    key = f"messages/contract=email/dt={day}/hour={hour}/{time}_{receipt['message_id']}.json"
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    look_up = event("get_message")
    look_up["pathParameters"] |= {"contract": "email", "message_id": receipt["message_id"]}

    found = body_of(send(look_up))

    assert found.pop("stored_at")
    assert found == {**receipt, "status": "stored", "key": key, "size_bytes": 2}


def test_says_that_a_batch_cannot_be_looked_into(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key does not tell, a 404 that said "not stored" would be a lie."""
    monkeypatch.setenv("STORAGE_LAYOUT", "batch")

    response = fresh_handler().lambda_handler(event("get_message"), Context())

    assert response["statusCode"] == 404
    assert body_of(response)["type"] == "urn:weir:problem:not-traceable"


def test_serves_the_document_and_its_own_state_to_everybody(send: Send) -> None:
    """A load balancer and a code generator have no token."""
    answers = {name: body_of(send(event(f"get_{name}"))) for name in ("root", "health", "openapi")}

    assert answers["root"] == answers["health"] == {"status": "healthy"}
    assert body_of(send(event("get_health_verbose"))) == {"status": "healthy", "version": "1.2.3"}
    assert answers["openapi"]["info"]["version"] == "1.2.3"
    assert "/messages/email" in answers["openapi"]["paths"]


def test_counts_noughts_too(send: Send, capsys: pytest.CaptureFixture[str]) -> None:
    """An alarm on refused tokens has data only if they are counted while all is well."""
    send(event("post_email"))

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "MessagesAccepted" in line]

    counts = json.loads(line)
    names = ("MessagesAccepted", "MessagesRefused", "TokensRefused")
    assert [counts[name] for name in names] == [[1.0], [0.0], [0.0]]
    assert counts["EnqueueTime"][0] > 0
    assert counts["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("known_token", {"isAuthorized": True, "context": {"client": "acme"}}),
        ("unknown_token", {"isAuthorized": False}),
    ],
)
def test_the_authorizer_knows_the_same_tokens(
    account: Account, name: str, answer: dict[str, Any]
) -> None:
    """What opens the door for messages opens it for measurements."""
    recorded = json.loads((EVENTS / "authorizer" / f"{name}.json").read_text())
    sys.modules.pop("validator.authorizer", None)

    authorizer = importlib.import_module("validator.authorizer")

    assert authorizer.lambda_handler(recorded, Context()) == answer
