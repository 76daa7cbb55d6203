"""The role's subject against the repository's names, in every form that both take."""

import pytest

from operations.doctor.answer import CouldNotLookError, ToDoError
from operations.doctor.pipeline import REMOTE, run, subject, subjects
from operations.doctor.place import Place
from tests.unit.operations.doctor import healthy
from tests.unit.operations.doctor.recorded import RecordedAws


def place(let_in: str) -> Place:
    """Return a healthy account whose deploy role lets *let_in* in."""
    aws = RecordedAws(healthy.answers() | {"iam:GetRole": healthy.role(let_in)})
    return Place("dev", healthy.STACK, aws.session(healthy.REGION))


@pytest.mark.parametrize(
    "remote",
    [
        "git@github.com:acme/weir.git",
        "https://github.com/acme/weir",
        "https://github.com/acme/weir.git",
        "https://someone@github.com/acme/weir/",
        "ssh://git@github.com/acme/weir.git",
    ],
)
def test_remote_is_read_in_every_form(remote: str) -> None:
    """Git takes each of them."""
    found = REMOTE.search(remote)

    assert found
    assert found.groupdict() == {"owner": "acme", "name": "weir"}


@pytest.mark.parametrize(
    "let_in",
    ["repo:acme/weir:environment:dev", "repo:acme@1/weir@2:environment:dev"],
)
def test_both_forms_of_a_subject_are_this_repository(let_in: str) -> None:
    """Which of them is right, only GitHub knows; without its command line the line says so."""

    def git_alone(command: list[str]) -> str:
        if command[0] == "git":
            return "https://github.com/Acme/weir"
        raise CouldNotLookError("gh", "FileNotFoundError")

    assert "gh api repos/Acme/weir/actions/oidc" in subject(place(let_in), git_alone)


def test_form_is_compared_with_what_github_says() -> None:
    """The ids came in 2026, and a role that was made before lets such a job not in."""

    def both(command: list[str]) -> str:
        return "git@github.com:acme/weir" if command[0] == "git" else "repo:acme@1/weir@2"

    with pytest.raises(ToDoError, match="Repository=acme@1/weir@2"):
        subject(place("repo:acme/weir:environment:dev"), both)
    assert subject(place("repo:acme@1/weir@2:environment:dev"), both).endswith("environment:dev in")


def test_repository_elsewhere_is_not_judged() -> None:
    """Another host's jobs do not take this role."""
    found = subject(place(healthy.SUBJECT), lambda _: "https://git.example.com/acme/weir")

    assert "not at GitHub" in found


def test_subjects_are_read_from_text_and_from_json() -> None:
    """IAM sends the policy URL-encoded, and boto3 decodes it."""
    policy = {
        "Statement": [
            {
                "Condition": {
                    "StringEquals": {"token.actions.githubusercontent.com:sub": ["one", "two"]}
                }
            },
            {"Condition": {}},
        ]
    }

    assert subjects(policy) == ["one", "two"]
    assert subjects({}) == []


def test_program_that_is_not_there_is_a_call_without_an_answer() -> None:
    """GitHub's command line is optional."""
    with pytest.raises(CouldNotLookError, match="no-such-program api"):
        run(["no-such-program", "api"])
    with pytest.raises(CouldNotLookError, match="CalledProcessError"):
        run(["false"])
