"""Whom the functions trust: botocore's authorities or those of a given bundle, and nobody else."""

import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import reload
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
import trustme
import uploader.aws
import validator.aws
from botocore.exceptions import SSLError

from tests.integration.validator.conftest import TOKEN, Api, edge, post, start_api
from tests.integration.validator.edge import Edge
from tests.support.edge import EdgeConnection, serving
from tests.support.execution import set_environment
from tests.support.template import AWS

__all__ = ["edge", "start_api"]  # fixtures

CLIENTS: list[tuple[ModuleType, Callable[[Any], Any]]] = [
    (validator.aws, lambda aws: boto3.client("sqs", config=aws.CLIENT_CONFIG)),
    (uploader.aws, lambda aws: boto3.client("sqs", config=aws.client_config(1))),
]
BUNDLES = ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"]
MODULES = pytest.mark.parametrize(("aws", "make_client"), CLIENTS)


class Queue(EdgeConnection):
    """An SQS that takes every message."""

    def do_POST(self) -> None:
        """Answer any call."""
        self.body()
        self.answer(200, b"{}")


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Return an authority that is in no bundle."""
    set_environment(monkeypatch, AWS)
    for variable in BUNDLES:
        monkeypatch.delenv(variable, raising=False)
    return trustme.CA()


@contextmanager
def queue(authority: trustme.CA) -> Iterator[str]:
    """Serve SQS with a certificate of *authority*."""
    with serving(Queue, tls=server_context(authority)) as url:
        yield url


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    """Return a server's side of TLS with a certificate of *authority*."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def send(make_client: Callable[[ModuleType], Any], aws: ModuleType) -> None:
    """Send a message from a client that is made now."""
    make_client(aws).send_message(QueueUrl="https://queue", MessageBody="{}")


@MODULES
@pytest.mark.parametrize("variable", BUNDLES)
def test_a_private_authority_is_trusted_by_its_bundle(
    aws: ModuleType,
    make_client: Callable[[ModuleType], Any],
    variable: str,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network may inspect its traffic, and its endpoints may have an authority of their own."""
    bundle = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv(variable, str(bundle))
    with queue(authority) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)

        send(make_client, fresh(aws))


@MODULES
def test_a_bundle_is_read_once_for_all_connections(
    aws: ModuleType,
    make_client: Callable[[ModuleType], Any],
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To read it takes longer than the handshake, so the second connection does not look for it."""
    bundle = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with queue(authority) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        loaded = fresh(aws)
        send(make_client, loaded)
        bundle.unlink()

        send(make_client, loaded)


@MODULES
def test_an_authority_in_no_bundle_is_refused(
    aws: ModuleType,
    make_client: Callable[[ModuleType], Any],
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever answers in AWS's place must not get a message, or hand out tokens."""
    with queue(authority) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)

        with pytest.raises(SSLError, match="unable to get local issuer certificate"):
            send(make_client, fresh(aws))


@MODULES
def test_a_bundle_that_is_missing_is_an_error_each_time(
    aws: ModuleType,
    make_client: Callable[[ModuleType], Any],
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failure to read it must not pass for having read it."""
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle.pem")
    with queue(authority) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        loaded = fresh(aws)

        for _ in range(2):
            with pytest.raises(SSLError, match="No such file"):
                send(make_client, loaded)


def test_a_sender_is_told_at_once_that_aws_cannot_be_trusted(
    authority: trustme.CA, request: pytest.FixtureRequest
) -> None:
    """503 with Retry-After, not 500: it may be a matter of minutes in a network."""
    with Edge(server_context(authority)) as impostor:
        impostor.tokens["acme"] = TOKEN
        request.getfixturevalue("edge").url = impostor.url
        start: Callable[[], Api] = request.getfixturevalue("start_api")
        api = start()
        started = time.monotonic()

        status, _ = api(post('{"data":{"email_timestream":"0"}}'))

        assert status == 503
        assert time.monotonic() - started < 2
        assert "SSLError" in api.log.getvalue()
        assert impostor.calls == {}


def fresh(aws: ModuleType) -> ModuleType:
    """Return *aws* with the session of a new execution environment."""
    sys.modules[aws.__name__] = aws  # a cold start of another test may have taken it out
    return reload(aws)
