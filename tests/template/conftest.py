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
