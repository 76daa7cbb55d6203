"""The validator's handler against SQS, SSM and S3 as moto plays them."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support.events import event
from tests.support.execution import Function, set_environment
from tests.support.template import AWS, template_environment

TOKEN = "example-token-of-acme"
BUCKET = "weir-messages"
KEY_BUCKET = "weir-keys"


def body_of(response: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON document that *response* carries."""
    document: dict[str, Any] = json.loads(response["body"])
    return document


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
    set_environment(monkeypatch, AWS)
    with mock_aws():
        sqs, ssm, s3 = boto3.client("sqs"), boto3.client("ssm"), boto3.client("s3")
        queue_url = sqs.create_queue(QueueName="messages")["QueueUrl"]
        given = {
            "MESSAGE_BUCKET_NAME": BUCKET,
            "IDEMPOTENCY_KEY_BUCKET_NAME": KEY_BUCKET,
            "MESSAGE_QUEUE_URL": queue_url,
        }
        environment = template_environment("validator", WEIR_VERSION="1.2.3", **given)
        set_environment(monkeypatch, environment)
        for bucket in (BUCKET, KEY_BUCKET):
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
        ssm.put_parameter(Name="/weir/dev/tokens/acme", Value=TOKEN, Type="SecureString")
        yield Account(sqs=sqs, ssm=ssm, s3=s3, queue_url=queue_url)


@pytest.fixture
def send(account: Account) -> Function:
    """Return the handler of a new execution environment."""
    return Function("validator")


def test_queues_a_message_as_it_was_sent(send: Function, account: Account) -> None:
    """A 202 is a promise: the queue has the message, with all that the uploader needs."""
    response = send(event("validator/post_default"))

    receipt = body_of(response)
    (message,) = account.queued()
    assert response["statusCode"] == 202
    assert message["Body"] == json.dumps(
        json.loads(event("validator/post_default")["body"])["data"], separators=(",", ":")
    )
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "message_id": receipt["message_id"],
        "contract": "email",
        "client": "acme",
        "contract_version": "1",
        "layout": "message",
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
    send: Function, account: Account, name: str, status: int, problem: str
) -> None:
    """A sender tells refusals apart by type; nothing refused is in the queue."""
    response = send(event(f"validator/{name}"))

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
    send: Function, account: Account, name: str, queued: int | None
) -> None:
    """The samples are what `sam local invoke` and the documentation show."""
    response = send(event(f"validator/{name}"))

    document = body_of(response)
    assert response["statusCode"] in ((202,) if queued else (202, 207))
    assert len(account.queued()) == (queued or document["queued"])
    if queued:
        assert response["headers"]["location"].endswith(document["message_id"])


def test_the_same_key_gives_the_same_receipt_in_another_environment(account: Account) -> None:
    """A retry may meet another instance of the function, which knows nothing of the first."""
    recorded = event("validator/post_idempotent")

    first, second = (Function("validator")(recorded) for _ in range(2))

    assert body_of(first) == body_of(second)
    ids = {sent["MessageAttributes"]["message_id"]["StringValue"] for sent in account.queued()}
    assert ids == {body_of(first)["message_id"]}


def test_the_same_key_with_another_body_is_a_conflict(send: Function) -> None:
    """Taking it would lose one of the two."""
    recorded = event("validator/post_idempotent")
    send(recorded)
    other = {**recorded, "body": recorded["body"].replace("John", "Jane")}

    response = send(other)

    assert response["statusCode"] == 409
    assert body_of(response)["type"] == "urn:weir:problem:idempotency-conflict"


def test_finds_a_stored_message_by_its_receipt(send: Function, account: Account) -> None:
    """By the key alone, which the uploader made from contract and id."""
    receipt = body_of(send(event("validator/post_email")))
    day, hour = receipt["received_at"][:10], receipt["received_at"][11:13]
    time = receipt["received_at"].replace("-", "").replace(":", "")
    key = f"messages/contract=email/dt={day}/hour={hour}/{time}_{receipt['message_id']}.json"
    account.s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    look_up = event("validator/get_message")
    look_up["pathParameters"] |= {"contract": "email", "message_id": receipt["message_id"]}

    found = body_of(send(look_up))

    assert found.pop("stored_at")
    assert found == {**receipt, "status": "stored", "key": key, "size_bytes": 2}


def test_says_that_a_batch_cannot_be_looked_into(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the key does not tell, a 404 that said "not stored" would be a lie."""
    monkeypatch.setenv("STORAGE_LAYOUT", "batch")

    response = Function("validator")(event("validator/get_message"))

    assert response["statusCode"] == 404
    assert body_of(response)["type"] == "urn:weir:problem:not-traceable"


def test_serves_the_document_and_its_own_state_to_everybody(send: Function) -> None:
    """A load balancer and a code generator have no token."""
    names = ("root", "health", "openapi")
    answers = {name: body_of(send(event(f"validator/get_{name}"))) for name in names}

    assert answers["root"] == answers["health"] == {"status": "healthy"}
    verbose = body_of(send(event("validator/get_health_verbose")))
    assert verbose == {"status": "healthy", "version": "1.2.3"}
    assert answers["openapi"]["info"]["version"] == "1.2.3"
    assert "/messages/email" in answers["openapi"]["paths"]


@pytest.mark.parametrize("contract", ["email", "four-fields"])
def test_the_document_shows_the_default_contract_of_the_deployment(
    account: Account, monkeypatch: pytest.MonkeyPatch, contract: str
) -> None:
    """A client that was generated for another one would be refused at each message."""
    monkeypatch.setenv("DEFAULT_CONTRACT", contract)

    paths = body_of(Function("validator")(event("validator/get_openapi")))["paths"]

    default, named = paths["/"]["post"], paths[f"/messages/{contract}"]["post"]
    assert (default["operationId"], default["summary"]) == ("postDefault", named["summary"])
    assert default["requestBody"] == named["requestBody"]


def test_counts_noughts_too(send: Function, capsys: pytest.CaptureFixture[str]) -> None:
    """An alarm on refused tokens has data only if they are counted while all is well."""
    send(event("validator/post_email"))

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "MessagesAccepted" in line]

    counts = json.loads(line)
    names = ("MessagesRefused", "TokensRefused", "MessagesUnconfirmed", "WebhooksUnkeyed")
    assert [counts[name] for name in ("MessagesAccepted", *names)] == [[1.0], *[[0.0]] * 4]
    assert counts["EnqueueTime"][0] > 0
    assert counts["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "service"]]


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
    """A plain token may do everything: send messages, and read measurements."""
    authorizer = Function("authorizer")

    assert authorizer(event(f"authorizer/{name}")) == answer
