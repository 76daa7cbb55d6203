"""Problems: a sender can rely on their types, and finds each in the documentation."""

import re

from validator.problems import Kind, ProblemError, unavailable

from operations.project import ROOT

ERRORS_PAGE = ROOT / "docs" / "errors.md"


def test_documents_every_problem_and_no_other() -> None:
    """The page of errors is the sender's only list of types and statuses."""
    documented = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", ERRORS_PAGE.read_text(), re.MULTILINE)

    assert sorted(documented) == sorted((str(kind.status), kind.slug) for kind in Kind)


def test_every_type_is_one_of_a_kind() -> None:
    """Two kinds under one type could not be told apart."""
    assert len({kind.uri for kind in Kind}) == len(list(Kind)) == 19


def test_a_problem_carries_what_rfc_9457_names() -> None:
    """Generic clients read type, title, status and detail."""
    problem = ProblemError(Kind.NOT_JSON, "It ends too early.", members={"line": 3})

    assert problem.document == {
        "type": "urn:weir:problem:not-json",
        "title": "The body is not JSON",
        "status": 400,
        "detail": "It ends too early.",
        "line": 3,
    }


def test_an_outage_says_when_to_come_back() -> None:
    """Without Retry-After every sender retries at once."""
    assert unavailable("Later.").headers == {"retry-after": "5"}
