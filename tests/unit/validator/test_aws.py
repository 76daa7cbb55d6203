"""AWS clients: what one call may cost in time, and how its failure is named."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from validator import aws
from validator.aws import error_code, in_time, prepare

from tests.unit.validator.fakes import refusal


def test_a_call_that_is_too_slow_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore's time-outs do not end a call to a name with many silent addresses."""
    monkeypatch.setattr(aws, "CALL_SECONDS", 0.05)
    answered = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(TimeoutError):
            in_time(threads, answered.wait, 10)

        answered.set()


def test_a_call_for_which_no_thread_is_free_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request has been refused by then."""
    monkeypatch.setattr(aws, "CALL_SECONDS", 0.05)
    called: list[str] = []
    answered = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(answered.wait, 10)

        with pytest.raises(TimeoutError):
            in_time(threads, called.append, "late")

        answered.set()
    assert called == []


def test_returns_and_raises_what_the_call_does() -> None:
    """The thread is not seen."""
    with ThreadPoolExecutor(1) as threads:
        assert in_time(threads, dict, a=1) == {"a": 1}
        with pytest.raises(ZeroDivisionError):
            in_time(threads, divmod, 1, 0)


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
