"""The stages of samconfig.toml."""

import pytest

from operations.stages import of_stage, stack_name


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
