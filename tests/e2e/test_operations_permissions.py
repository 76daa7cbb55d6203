"""Every action that a role is granted is one that a journey needs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.operator import Operator, Permission, now
from tests.support.events import event

MESSAGE = {"email_timestream": "2023-01-01T00:00:00Z", "key": "value"}
STORED_WITHIN_SECONDS = 40
STORE = Permission("UploaderRole", "StoreMessages", "s3:PutObject")


@dataclass(frozen=True)
class Traveller:
    """Whoever goes the journeys: a sender who also sees what an operator sees."""

    operator: Operator
    token: str
    call: Callable[..., Any]
    stored: Callable[[str, str], list[str]]
    eventually: Callable[..., Any]

    def post(self) -> Any:
        """Post a message."""
        return self.call("POST", "/messages/timestamped", {"data": MESSAGE}, token=self.token)

    def is_stored(self, message_id: str) -> bool:
        """Return whether the bucket has the message."""
        return bool(self.stored("timestamped", message_id))

    def event(self, name: str, headers: dict[str, str]) -> dict[str, Any]:
        """Return a recorded event with this sender's token and other *headers*."""
        recorded = event(name)
        recorded["headers"] |= {"authorization": f"Bearer {self.token}", **headers}
        return recorded


@pytest.fixture
def traveller(
    one_machine: dict[str, str],
    aws: Callable[[str], Any],
    call: Callable[..., Any],
    stored: Callable[[str, str], list[str]],
    eventually: Callable[..., Any],
) -> Traveller:
    """Return who goes the journeys on the stack."""
    operator = Operator(one_machine, aws)
    return Traveller(operator, one_machine["token"], call, stored, eventually)


# A journey is prepared while everything is allowed; then it can be gone, and tells how it ended.
Journey = Callable[[Traveller], AbstractContextManager[Callable[[], bool]]]


@contextmanager
def validator_learns_tokens(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post to a validator that has never read a token."""
    traveller.operator.renew("ValidatorFunction")
    event = traveller.event("validator/post_email", {})
    yield lambda: traveller.operator.invoke("ValidatorFunction", event).get("statusCode") == 202


@contextmanager
def authorizer_learns_tokens(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Ask an authorizer that has never read a token."""
    traveller.operator.renew("AuthorizerFunction")
    event = traveller.event("authorizer/known_token", {})
    yield lambda: bool(traveller.operator.invoke("AuthorizerFunction", event).get("isAuthorized"))


@contextmanager
def sender_gets_receipt(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post a message."""
    yield lambda: traveller.post().status == 202


@contextmanager
def sender_looks_up_receipt(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Ask for a message that is stored."""
    message_id = traveller.post().json()["message_id"]
    assert traveller.eventually(partial(traveller.is_stored, message_id), STORED_WITHIN_SECONDS)
    path = f"/messages/timestamped/{message_id}"
    yield lambda: traveller.call("GET", path, token=traveller.token).status == 200


@contextmanager
def sender_uses_key(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post with an idempotency key that is new."""

    def accepted() -> bool:
        event = traveller.event("validator/post_idempotent", {"idempotency-key": str(uuid4())})
        return traveller.operator.invoke("ValidatorFunction", event).get("statusCode") == 202

    yield accepted


@contextmanager
def sender_uses_key_again(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post with an idempotency key that was used."""
    event = traveller.event("validator/post_idempotent", {"idempotency-key": str(uuid4())})
    first = traveller.operator.invoke("ValidatorFunction", event)
    assert first["statusCode"] == 202

    def accepted_as_before() -> bool:
        again = traveller.operator.invoke("ValidatorFunction", event)
        return bool(again.get("body") == first["body"])

    yield accepted_as_before


@contextmanager
def message_is_stored(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post a message, and look for its object or for a batch that failed."""

    def stored() -> bool:
        since = now()
        is_stored = partial(traveller.is_stored, traveller.post().json()["message_id"])
        failed = partial(traveller.operator.logged, "UploaderLogGroup", "AccessDenied", since)
        traveller.eventually(lambda: is_stored() or failed(), STORED_WITHIN_SECONDS)
        return is_stored()

    with traveller.operator.impatient_queue():
        yield stored


@contextmanager
def message_is_pushed_back(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Post a message that cannot be stored, and see when it is to come again."""

    def pushed_back() -> bool:
        since = now()
        traveller.post()
        logged = partial(traveller.operator.logged, "UploaderLogGroup", since=since)
        assert traveller.eventually(partial(logged, "batch failed"), STORED_WITHIN_SECONDS)
        return not logged("visibility not changed")

    with traveller.operator.impatient_queue(), traveller.operator.without(STORE):
        yield pushed_back


@contextmanager
def canary_learns_its_token(traveller: Traveller) -> Iterator[Callable[[], bool]]:
    """Run a canary that has never read its token; without one it is content, too."""
    traveller.operator.renew("CanaryFunction")
    yield lambda: "errorMessage" not in (traveller.operator.invoke("CanaryFunction", {}) or {})


JOURNEYS: dict[Permission, Journey] = {
    Permission("CanaryRole", "ReadOwnToken", "ssm:GetParameter"): canary_learns_its_token,
    Permission("ValidatorRole", "ReadTokens", "ssm:GetParametersByPath"): validator_learns_tokens,
    Permission("ValidatorRole", "EnqueueMessages", "sqs:SendMessage"): sender_gets_receipt,
    Permission(
        "ValidatorRole", "FindMessagesWithoutReadingThem", "s3:ListBucket"
    ): sender_looks_up_receipt,
    Permission("ValidatorRole", "KeepIdempotencyKeys", "s3:PutObject"): sender_uses_key,
    Permission("ValidatorRole", "KeepIdempotencyKeys", "s3:GetObject"): sender_uses_key_again,
    Permission("AuthorizerRole", "ReadTokens", "ssm:GetParametersByPath"): authorizer_learns_tokens,
    STORE: message_is_stored,
    Permission(
        "UploaderRole", "TakeMessages", "sqs:ChangeMessageVisibility"
    ): message_is_pushed_back,
}

# What AWS itself does in a role's name, and the emulator does without asking.
UNASKED = {
    ("WriteLogs", "logs:CreateLogStream"): "Lambda writes what a function prints",
    ("WriteLogs", "logs:PutLogEvents"): "Lambda writes what a function prints",
    ("WriteTraces", "xray:PutTraceSegments"): "Lambda traces; the emulator does not",
    ("WriteTraces", "xray:PutTelemetryRecords"): "Lambda traces; the emulator does not",
    ("TakeMessages", "sqs:ReceiveMessage"): "Lambda's poller takes messages from the queue",
    ("TakeMessages", "sqs:DeleteMessage"): "Lambda's poller deletes what was stored",
    ("TakeMessages", "sqs:GetQueueAttributes"): "Lambda's poller looks at the queue's depth",
    ("LetLambdaAttachToTheVpc", "ec2:CreateNetworkInterface"): "the emulator has no network",
    ("LetLambdaAttachToTheVpc", "ec2:DescribeNetworkInterfaces"): "the emulator has no network",
    ("LetLambdaAttachToTheVpc", "ec2:DescribeSubnets"): "the emulator has no network",
    ("LetLambdaAttachToTheVpc", "ec2:DeleteNetworkInterface"): "the emulator has no network",
    ("LetLambdaAttachToTheVpc", "ec2:AssignPrivateIpAddresses"): "the emulator has no network",
    ("LetLambdaAttachToTheVpc", "ec2:UnassignPrivateIpAddresses"): "the emulator has no network",
    ("", "lambda:InvokeFunction"): "the scheduler starts the probe; SAM makes its role",
}
# CodeDeploy alone takes the first role and runs the functions of the others; the emulator has none.
OF_CODEDEPLOY = {"DeploymentRole", "UploaderCheckRole", "ValidatorCheckRole"}


def test_every_permission_is_listed(traveller: Traveller) -> None:
    """A permission that nobody's journey needs, and no service either, is one too many."""
    granted = traveller.operator.permissions()

    granted = {one for one in granted if one.role not in OF_CODEDEPLOY}
    assert {one for one in granted if (one.sid, one.action) not in UNASKED} == set(JOURNEYS)
    assert {(one.sid, one.action) for one in granted} >= set(UNASKED)


@pytest.mark.parametrize("permission", JOURNEYS, ids=" ".join)
def test_journey_fails_without_the_permission(permission: Permission, traveller: Traveller) -> None:
    """A permission that can be taken away unnoticed is one that nobody would miss until later."""
    with JOURNEYS[permission](traveller) as ends_well:
        with traveller.operator.without(permission):
            assert not ends_well()

        # A batch that failed just before may still be on its way into the log.
        assert traveller.eventually(ends_well, STORED_WITHIN_SECONDS)


def test_what_the_emulator_does_not_ask_for_is_not_needed_there(traveller: Traveller) -> None:
    """As soon as the emulator asks for one of these, a journey can be made of it."""
    granted = traveller.operator.permissions()
    unasked = [one for one in granted if (one.sid, one.action) in UNASKED]
    since = now()

    with traveller.operator.without(*unasked):
        message_id = traveller.post().json()["message_id"]
        stored = traveller.eventually(
            partial(traveller.is_stored, message_id), STORED_WITHIN_SECONDS
        )
        logged = partial(traveller.operator.logged, "UploaderLogGroup", "batch stored", since)
        seen = traveller.eventually(logged, STORED_WITHIN_SECONDS)
        measured = traveller.call("GET", "/metrics", token=traveller.token)

    assert stored
    assert seen
    assert measured.status == 200
