"""AWS clients, set up for a function whose retry is the queue."""

import logging
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError
from uploader.aws import call, client_config


def test_a_call_is_tried_once_and_ends_soon() -> None:
    """A retry here would keep a thread from the next message; SQS retries anyway."""
    config: Any = client_config(9)

    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 6


def test_every_thread_has_a_connection_to_keep() -> None:
    """A thread without one would open and close a connection for each write."""
    config: Any = client_config(9)

    assert config.max_pool_connections == 9


def test_botocore_never_logs_at_debug() -> None:
    """Its debug lines hold messages and credentials."""
    assert logging.getLogger("botocore").level == logging.INFO


@pytest.mark.parametrize(
    ("error", "closed", "calls"),
    [(ConnectionClosedError, 1, 2), (ConnectionClosedError, 2, 2), (ConnectTimeoutError, 1, 1)],
)
def test_only_a_closed_connection_is_a_reason_to_call_again(
    error: Any, closed: int, calls: int
) -> None:
    """It says nothing about the service; any other failure does, and SQS retries anyway."""
    asked: list[dict[str, str]] = []

    def method(**request: str) -> str:
        asked.append(request)
        if len(asked) <= closed:
            raise error(endpoint_url="")
        return "answer"

    if closed < calls:
        assert call(method, Key="a") == "answer"
    else:
        with pytest.raises(error):
            call(method, Key="a")

    assert asked == [{"Key": "a"}] * calls
