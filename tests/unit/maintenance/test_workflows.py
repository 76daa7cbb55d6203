"""The workflows' jobs, as they are run on this machine."""

from pathlib import Path
from typing import Any

import pytest

from maintenance.workflows import hindrance, jobs, run, variables


def test_job_comes_once_for_each_entry_of_its_matrix() -> None:
    """Both architectures are built."""
    built = [job["matrix"] for name, job in jobs() if name == "pull-request/build"]

    assert built == [{"architecture": "arm64"}, {"architecture": "x86_64"}]


def test_variables_know_the_matrix_and_nothing_of_github() -> None:
    """What only GitHub can fill in stays empty, and is not taken literally."""
    job = {"matrix": {"architecture": "arm64"}, "env": {"A": "${{ matrix.architecture }}"}}

    found = variables(job, {"env": {"B": "x${{ secrets.ROLE }}y", "C": 7}})

    assert found == {"A": "arm64", "B": "xy", "C": "7"}


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({"uses": "actions/checkout@abc"}, "actions/checkout"),
        ({"run": "gh pr create", "env": {"GH_TOKEN": "x"}}, "GitHub"),
        ({"run": "no-such-tool --now"}, "no-such-tool"),
        ({"run": "bash -c true"}, None),
    ],
)
def test_step_that_cannot_run_here_is_left_out_with_its_reason(
    step: dict[str, Any], reason: str | None
) -> None:
    """A step that is left out silently would look like one that passed."""
    found = hindrance(step)

    assert found is None if reason is None else reason in str(found)


def test_after_a_failed_step_only_those_for_a_failure_run(tmp_path: Path) -> None:
    """The way back runs when it is needed, and only then."""
    steps = [
        {"name": "deploy", "run": "touch deployed"},
        {"name": "smoke", "run": "false"},
        {"name": "announce", "run": "touch announced"},
        {"name": "roll back", "run": "touch rolled-back", "if": "failure()"},
    ]

    good = run({"matrix": {}, "steps": steps}, tmp_path, None)

    assert not good
    assert {path.name for path in tmp_path.iterdir()} == {"deployed", "rolled-back"}
