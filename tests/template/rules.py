"""What the template promises beyond what linters see, as rules that can also be tried on faults.

A rule takes one deployment of the template and yields a sentence for each promise it finds broken.
"""

from collections.abc import Callable, Iterator

from tests.template.deployment import Deployment

type Rule = Callable[[Deployment], Iterator[str]]

RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register *function* as a rule."""
    RULES.append(function)
    return function
