"""AWS clients: what one call may cost in time, and how its failure is named."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from validator.aws import CALL_SECONDS, error_code, s3_client, sqs_client, ssm_client

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
