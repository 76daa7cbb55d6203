"""AWS clients, set up for a function whose retry is the queue."""

import logging
from typing import Any

import pytest
from uploader import aws


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the clients a region, as Lambda does."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.mark.parametrize("make_client", [aws.s3_client, aws.sqs_client])
def test_a_call_is_tried_once_and_ends_soon(make_client: Any) -> None:
    """A retry here would keep a thread from the next message; SQS retries anyway."""
    config = make_client(9).meta.config

    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout <= 6


@pytest.mark.parametrize("make_client", [aws.s3_client, aws.sqs_client])
def test_every_thread_has_a_connection_to_keep(make_client: Any) -> None:
    """A thread without one would open and close a connection for each write."""
    assert make_client(9).meta.config.max_pool_connections == 9


def test_botocore_never_logs_at_debug() -> None:
    """Its debug lines hold messages and credentials."""
    assert logging.getLogger("botocore").level == logging.INFO
