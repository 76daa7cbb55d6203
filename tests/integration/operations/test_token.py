"""`make token` against SSM as moto plays it."""

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.token import make_token


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make an account without parameters."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("ssm")


def test_makes_an_encrypted_token_under_the_name_that_the_validator_reads(ssm: Any) -> None:
    """A token in plain text could be read by whoever may list parameters."""
    token = make_token("acme", "dev")

    kept = ssm.get_parameter(Name="/weir/dev/tokens/acme", WithDecryption=True)["Parameter"]
    assert (kept["Type"], kept["Value"]) == ("SecureString", token)
    assert re.fullmatch(r"[\w-]{43}", token)


def test_never_replaces_a_token_unasked(ssm: Any) -> None:
    """The sender that uses it would be locked out within five minutes."""
    token = make_token("acme", "dev")

    with pytest.raises(SystemExit, match="acme-2"):
        make_token("acme", "dev")

    assert make_token("acme", "dev", replace=True) != token


@pytest.mark.parametrize(
    ("client", "stage"), [("", "dev"), ("Acme", "dev"), ("a/b", "dev"), ("-a", "dev"), ("a", "D")]
)
def test_refuses_a_name_that_the_validator_would_not_know(
    ssm: Any, client: str, stage: str
) -> None:
    """The token would be refused, and nobody would know why."""
    with pytest.raises(SystemExit, match="named with"):
        make_token(client, stage)
