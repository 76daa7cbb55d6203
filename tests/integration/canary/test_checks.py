"""Good and bad releases before they get traffic, each check called as CodeDeploy calls it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary.account import TOPIC, Account, Replaced, Version
from tests.support.execution import Function, set_environment
from tests.support.template import AWS, template_environment

BUCKET = "weir-messages"
EVENT = {"DeploymentId": "d-ABC", "LifecycleEventHookExecutionId": "e-1"}
TOKEN = json.dumps(
    {
        "tokens": [{"token": "canarys-secret", "expires_at": None}],
        "contracts": ["canary"],
        "rights": ["send", "look-up"],
        "suspended": False,
    }
)
NAME = "/weir/dev/tokens/canary"

type Check = Callable[..., str]


@pytest.fixture
def account() -> Iterator[Account]:
    """Return an account in which the canary has a token."""
    with Account() as account:
        account.parameters[NAME] = TOKEN
        yield account


@pytest.fixture
def check(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return what checks a release of *service*, and returns CodeDeploy's status with the reason.

    The clock of the check skips the seconds that it would sleep.
    """

    def environment(service: str, **given: str) -> dict[str, str]:
        return AWS | template_environment(
            service, AWS_ENDPOINT_URL=account.url, MESSAGE_BUCKET_NAME=BUCKET, **given
        )

    def version(folder: str, service: str, replaced: Replaced) -> Version:
        resources = {
            "MESSAGE_QUEUE_URL": f"{account.url}/1/messages",
            "IDEMPOTENCY_KEY_BUCKET_NAME": "keys",
        }
        written = environment(service, **resources)
        return Version(tmp_path / folder, service, written, replaced)

    def run(service: str, replaced: Replaced | None = None) -> str:
        arn = f"arn:aws:lambda:eu-central-1:123456789012:function:weir-{service}:7"
        account.versions[arn] = version("new", service, replaced or {})
        account.live = version("live", "uploader", {})
        given = {"VERSION_ARN": arn, "ALARM_TOPIC_ARN": TOPIC}
        set_environment(monkeypatch, environment(f"{service}_check", **given))
        sys.modules.pop("canary.release", None)  # its logger keeps the test's standard output
        function = Function(f"{service}_check")
        skipped = [0.0]

        class Skipping(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(seconds=skipped[0])

        def sleep(seconds: float) -> None:
            skipped[0] += seconds

        monkeypatch.setattr(function.module, "datetime", Skipping)
        monkeypatch.setattr("time.sleep", sleep)
        try:
            function(EVENT)
        finally:
            [status] = account.statuses
        assert (status["deploymentId"], status["lifecycleEventHookExecutionId"]) == ("d-ABC", "e-1")
        reasons = " ".join(account.notices)
        assert bool(reasons) == (status["status"] == "Failed")
        assert not reasons or (arn in reasons and "canarys-secret" not in reasons)
        return f"{status['status']} {reasons}"

    return run


def stored(account: Account) -> list[str]:
    """Return the keys in the message bucket."""
    return [key for bucket, key in account.objects if bucket == BUCKET]


@pytest.mark.parametrize("service", ["validator", "uploader"])
def test_a_good_release_passes(service: str, check: Check, account: Account) -> None:
    """As it is, its message lies where the canary's messages expire."""
    assert check(service) == "Succeeded "

    [key] = stored(account)
    assert key.startswith("messages/contract=canary/dt=")


# Service, what is changed in which file, and what the reason must name.
BAD: dict[str, tuple[str, Replaced, str]] = {
    "acknowledges and drops": (
        "uploader",
        {"handler.py": ("bucket.put_once,", "lambda _: True,")},
        "acknowledged a message that is not stored as messages/contract=canary/.*: dropped",
    ),
    "another bucket": (
        "uploader",
        {"handler.py": ("settings.bucket_name)", '"backups")')},
        "not stored as messages/contract=canary/.*written to another bucket or folder",
    ),
    "another key": (
        "uploader",
        {"objects.py": ('_{message.message_id}.json"', '-{message.message_id}.json"')},
        "not stored as messages/.*: messages/contract=canary/dt=.*Z-[0-9a-f-]*.json",
    ),
    "another folder": (
        "uploader",
        {"objects.py": ('f"messages/{_partition', 'f"v2/messages/{_partition')},
        "not stored as messages/.*written to another bucket or folder",
    ),
    "202 without sending": (
        "validator",
        {
            "handler.py": (
                "    sent = queue.send(messages, deadline)\n",
                "    return {each.message_id for each in messages}\n",
            )
        },
        "was accepted, and not stored for 6[0-9] s: not sent",
    ),
    "no import, validator": (
        "validator",
        {"handler.py": ("import os\n", "import no_such_module\n")},
        "it fails: Unable to import module 'validator.handler': No module named 'no_such_module'",
    ),
    "no import, uploader": (
        "uploader",
        {"handler.py": ("import os\n", "import no_such_module\n")},
        "it fails: Unable to import module 'uploader.handler': No module named 'no_such_module'",
    ),
    "refuses good messages": (
        "validator",
        {"contracts/models.py": ("    sent_at: NonEmptyText", "    sent_at: int")},
        "it fails: The class Canary cannot be a contract",
    ),
}


@pytest.mark.parametrize(("service", "replaced", "said"), BAD.values(), ids=list(BAD))
def test_a_bad_release_is_refused_with_its_fault(
    service: str, replaced: Replaced, said: str, check: Check
) -> None:
    """None of them counts an error, but for the one that does not start."""
    result = check(service, replaced)

    assert result.startswith("Failed ")
    assert re.search(said, result), result


def test_a_role_that_may_not_write_is_named(check: Check, account: Account) -> None:
    """A release may lose a right as well as a line of code."""
    account.denied.add("s3:PutObject")

    assert "it fails: AccessDenied" in check("uploader")


def test_a_validator_that_refuses_the_canary_is_refused(check: Check, account: Account) -> None:
    """The status that senders would get is the reason."""
    account.parameters[NAME] = TOKEN.replace('"send", ', "")

    assert "not accepted: answered with 403" in check("validator")


@pytest.mark.parametrize("service", ["validator", "uploader"])
def test_a_check_that_crashes_reports_that(service: str, check: Check, account: Account) -> None:
    """CodeDeploy would wait an hour for a status, and then fail without a reason."""
    account.denied.add("s3:ListBucket")

    with pytest.raises(Exception, match="AccessDenied"):
        check(service)

    assert [status["status"] for status in account.statuses] == ["Failed"]
    assert "the check itself failed" in account.notices[0]


def test_without_a_token_the_validator_is_not_checked(
    check: Check, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first deployment comes before the first token, and must not fail for it."""
    del account.parameters[NAME]

    assert check("validator") == "Succeeded "

    assert stored(account) == []
    assert "canary has no token" in capsys.readouterr().out
