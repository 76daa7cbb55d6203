"""The failure policy: what a refusal means, and when a failed record is retried."""

import pytest
from uploader.failures import PassingError, SystemicError, refusal, retry_delay


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "AccessDenied"),
        (403, "AllAccessDisabled"),
        (403, "InvalidAccessKeyId"),
        (404, "NoSuchBucket"),
        (301, "PermanentRedirect"),
        (400, "KMS.DisabledException"),
        (400, "KMS.KMSInvalidStateException"),
        (400, "KMS.NotFoundException"),
    ],
)
def test_what_a_person_must_fix_is_systemic(status: int, code: str) -> None:
    """It fails for every record alike, so the invocation has to fail."""
    assert isinstance(refusal(status, code), SystemicError)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalError"),
        (503, "SlowDown"),
        (503, "ServiceUnavailable"),
        (409, "ConditionalRequestConflict"),
        (409, "OperationAborted"),
        (400, "RequestTimeout"),
        (400, "BadDigest"),
        (400, "MetadataTooLarge"),
        (400, "KMS.ThrottlingException"),
        (400, "NeverSeenBefore"),
    ],
)
def test_everything_else_is_passing(status: int, code: str) -> None:
    """An unknown refusal costs one record its time, not the whole batch."""
    assert isinstance(refusal(status, code), PassingError)


def test_the_code_is_kept_for_the_log() -> None:
    """It is what a person searches for."""
    assert str(refusal(503, "SlowDown")) == "SlowDown"


@pytest.mark.parametrize(
    ("receive_count", "longest"), [(1, 2), (2, 4), (5, 32), (9, 512), (10, 900), (1000, 900)]
)
def test_the_delay_doubles_up_to_a_quarter_of_an_hour(receive_count: int, longest: int) -> None:
    """Later and later, but never so late that recovery has to wait for it."""
    assert retry_delay(receive_count, lambda _low, high: high) == longest


def test_the_jitter_is_full() -> None:
    """A thousand messages that failed together must not come back together."""
    bounds = []

    retry_delay(4, lambda low, high: bounds.append((low, high)) or 0)  # type: ignore[func-returns-value]

    assert bounds == [(0, 16)]


def test_a_message_never_comes_back_at_once() -> None:
    """Zero would be a tight loop against an S3 that asks to slow down."""
    assert retry_delay(1, lambda low, _high: low) == 1
