"""Fixtures of the template tests."""

from collections.abc import Iterator

import pytest

from tests.template.deployment import Deployment
from tests.template.translator import DEPLOYMENTS, TEMPLATE, Translator


@pytest.fixture(scope="session")
def translator() -> Iterator[Translator]:
    """Run the SAM translator and cfn-lint in their own environment."""
    with Translator() as running:
        yield running


@pytest.fixture(scope="session")
def deployments(translator: Translator) -> dict[str, Deployment]:
    """Expand the template as deployed to dev, to prod, and with everything brought along."""
    text = TEMPLATE.read_text()
    return {name: translator.deployment(text, name) for name in DEPLOYMENTS}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the scores: how many of the faults put into the template were found."""
    found, missed = (
        sum("test_fault_is_found" in report.nodeid for report in terminalreporter.getreports(kind))
        for kind in ("passed", "failed")
    )
    if found or missed:
        terminalreporter.write_line(
            f"faults that people thought of: {found + missed}, found: {found}"
        )
    for kind in ("passed", "failed"):
        for report in terminalreporter.getreports(kind):
            for name, value in getattr(report, "user_properties", ()):
                if name == "said at the end":
                    terminalreporter.write_line(value)
