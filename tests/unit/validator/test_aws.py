"""AWS clients: what one call may cost in time, and how its failure is named."""

import threading

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from validator.aws import CALL_SECONDS, error_code, prepare, s3_client, sqs_client, ssm_client

from tests.unit.validator.fakes import refusal


@pytest.mark.parametrize("make", [sqs_client, ssm_client, s3_client])
def test_a_call_keeps_to_its_time(make: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines count on CALL_SECONDS: every attempt's timeouts, and the pause between them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    config = make().meta.config

    attempts = config.retries["total_max_attempts"]
    longest_pause = 1  # botocore's standard mode, before the first retry
    seconds = attempts * (config.connect_timeout + config.read_timeout) + longest_pause
    assert seconds <= CALL_SECONDS


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refusal("SlowDown"), "SlowDown"),
        (ClientError({}, "PutObject"), "Unknown"),
        (ConnectTimeoutError(endpoint_url="https://s3"), "ConnectTimeoutError"),
        (ValueError("a value that was sent"), "ValueError"),
    ],
)
def test_an_error_is_named_without_its_text(error: Exception, code: str) -> None:
    """The text may quote what was sent."""
    assert error_code(error) == code


def test_what_the_first_request_needs_is_prepared_side_by_side() -> None:
    """One after the other, two slow services would take twice as long."""
    both = threading.Barrier(2, timeout=10)

    prepare(both.wait, both.wait, seconds=10)

    assert not both.broken


def test_preparation_does_not_wait_for_a_silent_service() -> None:
    """Lambda starts INIT again after ten seconds, within the first request."""
    over, done = threading.Event(), threading.Event()

    prepare(lambda: over.wait(60), done.set, seconds=0.05)

    assert done.is_set()
    over.set()
