"""The stages of samconfig.toml."""

import pytest

from operations.stages import check_place, of_stage, stack_name


@pytest.mark.parametrize("stage", ["dev", "prod", "local"])
def test_every_stage_has_a_stack_of_its_own(stage: str) -> None:
    """Two stages of one name would deploy over each other."""
    assert stack_name(stage) == f"weir-{stage}"


def test_unknown_stage_is_named() -> None:
    """Who mistypes a stage must not deploy to another one."""
    with pytest.raises(SystemExit, match="'production'"):
        stack_name("production")


def test_sam_finds_the_stage_from_any_folder() -> None:
    """A template that was built elsewhere has no samconfig.toml beside it."""
    file, environment = of_stage("dev")[1::2]

    assert file.startswith("/")
    assert environment == "dev"


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4566", "http://localhost:1", "http://[::1]"]
)
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDFORMATION"])
def test_stage_of_an_account_is_not_deployed_to_this_machine(name: str, endpoint: str) -> None:
    """A shell that was led to the one-machine stack is easily forgotten."""
    with pytest.raises(SystemExit, match="leads to this machine"):
        check_place("prod", {name: endpoint})


def test_local_stage_is_not_deployed_to_an_account() -> None:
    """With real keys in the shell the stack would come to be there, and cost."""
    with pytest.raises(SystemExit, match="one-machine stack's"):
        check_place("local", {"AWS_PROFILE": "mine"})


@pytest.mark.parametrize(
    ("stage", "environment"),
    [
        ("prod", {}),
        ("prod", {"AWS_ENDPOINT_URL": "https://cloudformation.eu-central-1.amazonaws.com"}),
        ("local", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}),
    ],
)
def test_stage_goes_where_it_belongs(stage: str, environment: dict[str, str]) -> None:
    """Nobody is kept from deploying as meant."""
    check_place(stage, environment)
