"""`make up` says what is wrong before it starts anything."""

from pathlib import Path

import pytest

from local.stack.__main__ import port_of
from local.stack.local_stack import Keys, LocalStack, StackError
from local.stack.processes import locked


def test_environment_has_nothing_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile or a proxy of the user's would lead to an account or to the internet."""
    foreign = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "ALL_PROXY", "PYTHONPATH")
    for name in foreign:
        monkeypatch.setenv(name, "the user's")

    sealed = LocalStack(tmp_path, 4566).sealed_environment(Keys("key", "secret"))

    assert not sealed.keys() & set(foreign)
    assert sealed["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"


def test_build_keeps_what_pip_needs_and_no_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a company's proxy only the user's settings lead to the packages."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example")
    monkeypatch.setenv("AWS_PROFILE", "the user's")

    environment = LocalStack(tmp_path, 4566).build_environment()

    assert environment["PIP_INDEX_URL"] == "https://packages.example"
    assert "AWS_PROFILE" not in environment


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    """The summary holds a token and the emulator's root key."""
    stack = LocalStack(tmp_path, 4566)

    stack.write_summary({"token": "secret"})

    assert stack.summary.stat().st_mode & 0o777 == 0o600
    assert stack.read_summary() == {"token": "secret"}


def test_plain_up_goes_to_the_ports_of_the_running_stack(tmp_path: Path) -> None:
    """`make down` for the sake of the ports would drop the data."""
    stack = LocalStack(tmp_path, 23_456)
    stack.write_summary({"endpoint_url": stack.endpoint_url})

    ended = port_of("", tmp_path)
    with locked(tmp_path / "emulator.pid"):  # as the running emulator holds it
        running = [port_of(text, tmp_path) for text in ("", "0", "5566")]

    assert ended == 4566
    assert running == [23_456, 23_456, 5566]


@pytest.mark.parametrize("text", ["one", "-1", "65535"])
def test_port_that_cannot_be_is_refused(text: str, tmp_path: Path) -> None:
    """A row of ports must fit below 65,536."""
    with pytest.raises(StackError, match="WEIR_PORT must be"):
        port_of(text, tmp_path)
