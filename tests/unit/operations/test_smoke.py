"""The smoke test says what is wrong, in the words of a sender."""

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from operations.deployed import Deployed
from operations.smoke import check_health, check_latency, check_message
from tests.support.edge import EdgeConnection, serving


class Api(EdgeConnection):
    """Answers each path with a status and a document."""

    answers: dict[str, tuple[int, object]]
    requests: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        """Give the path's answer."""
        self.requests.append((self.path, self.headers["Authorization"]))
        status, document = self.answers[self.path]
        self.answer(status, json.dumps(document).encode(), "application/json")

    def do_POST(self) -> None:
        """Give the path's answer to what is posted."""
        self.body()
        self.do_GET()


MESSAGE_ID = "019bc12b-c62b-7224-8417-f956ac7c599f"  # received at 10:20:30.123
STORED = f"/messages/any-object/{MESSAGE_ID}"
HEALTHY: dict[str, tuple[int, object]] = {
    "/health": (200, {"status": "healthy"}),
    "/messages/any-object": (202, {"message_id": MESSAGE_ID}),
    STORED: (200, {"stored_at": "2026-01-15T10:20:31.000Z"}),
    "/metrics": (200, {"latency_ms": 0.2}),
}


@pytest.fixture
def api() -> type[Api]:
    """Serve an API that works until told otherwise."""
    Api.answers, Api.requests = dict(HEALTHY), []
    return Api


@pytest.fixture
def deployed(api: type[Api]) -> Iterator[Deployed]:
    """Return the stack of that API."""
    with serving(api) as url:
        yield Deployed(
            api_url=url,
            token="t",
            bucket="bucket",
            queue_url="queue",
            dead_letter_queue_url="dead letters",
            stack_name="weir-x",
            token_parameter_path="/weir/x/tokens",
            session=boto3.Session(region_name="x"),
            endpoint_url=None,
        )


def test_nothing_is_wrong_with_a_stack_that_stores(deployed: Deployed, api: type[Api]) -> None:
    """Every check passes, and shows the client's token."""
    found = [check(deployed) for check in (check_health, check_message, check_latency)]

    assert found == ["", "", ""]
    assert {token for _, token in api.requests} == {"Bearer t"}


def test_refusal_is_named(deployed: Deployed, api: type[Api]) -> None:
    """A message that was not accepted is not looked for."""
    api.answers["/messages/any-object"] = (503, {})

    assert "503" in check_message(deployed)
    assert [path for path, _ in api.requests] == ["/messages/any-object"]


def test_message_that_is_stored_late_is_named(deployed: Deployed, api: type[Api]) -> None:
    """The judgement is the canary's: within 60 seconds."""
    api.answers[STORED] = (200, {"stored_at": "2026-01-15T10:21:45.000Z"})

    assert check_message(deployed) == f"{MESSAGE_ID} was not stored for 75 s"


@pytest.mark.parametrize("answer", [(503, {}), (200, {"status": "degraded"})])
def test_sick_stack_is_not_healthy(
    deployed: Deployed, api: type[Api], answer: tuple[int, object]
) -> None:
    """The status of the answer and the word in it both count."""
    api.answers["/health"] = answer

    assert check_health(deployed) == f"answered {answer[0]}"


def test_measurement_without_a_value_is_none(deployed: Deployed, api: type[Api]) -> None:
    """An answer of 200 that measured nothing would hide a network that is down."""
    api.answers["/metrics"] = (200, {"latency_ms": None})

    assert "200" in check_latency(deployed)


NOT_TRACEABLE = (404, {"type": "urn:weir:problem:not-traceable"})


@dataclass
class Bucket:
    """A session whose S3 has one batch with one message, or refuses to list."""

    message_id: str = ""
    error: ClientError | None = None

    def client(self, *_: object, **__: object) -> "Bucket":
        """Return itself as the client and as its paginator."""
        return self

    get_paginator = client

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803
        """Return the batch where batches are."""
        if self.error:
            raise self.error
        is_there = Prefix == "batches/contract=any-object/dt=2026-01-15/hour=10/"
        return [{"Contents": [{"Key": Prefix + "1.ndjson.gz"}]}] if is_there else [{}]

    def get_object(self, **_: str) -> dict[str, Any]:
        """Return the batch."""
        line = json.dumps({"message_id": self.message_id, "message": {}})
        return {"Body": io.BytesIO(gzip.compress(f"{line}\n".encode()))}


def test_a_message_in_a_batch_is_found_in_the_bucket(deployed: Deployed, api: type[Api]) -> None:
    """In layout batch no receipt can be looked up; a healthy deployment must not be rolled back."""
    api.answers[STORED] = NOT_TRACEABLE

    assert check_message(replace(deployed, session=cast("Any", Bucket(MESSAGE_ID)))) == ""


def test_credentials_that_may_not_read_the_bucket_are_no_fault(
    deployed: Deployed, api: type[Api], capsys: pytest.CaptureFixture[str]
) -> None:
    """The workflow's role deploys and reads no message; what was not seen is said."""
    api.answers[STORED] = NOT_TRACEABLE
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")

    found = check_message(replace(deployed, session=cast("Any", Bucket(error=denied))))

    assert found == ""
    assert "whether it is stored cannot be seen" in capsys.readouterr().out


def test_a_message_that_is_in_no_batch_in_time_is_a_fault(
    deployed: Deployed, api: type[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued is not stored."""
    monkeypatch.setattr("canary.message.STORED_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr("operations.smoke.PAUSE_SECONDS", 0.01)
    api.answers[STORED] = NOT_TRACEABLE

    found = check_message(replace(deployed, session=cast("Any", Bucket("another"))))

    assert found == f"{MESSAGE_ID} was not stored for 0 s"
