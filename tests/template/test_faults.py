"""The score of the template's tests: how many of the faults that we can think of they find."""

import pytest

from tests.template.exceptions import CFN_LINT
from tests.template.faults import FAULTS, Fault
from tests.template.rules import RULES
from tests.template.single_faults import MISSHAPEN
from tests.template.test_promises import MODULES
from tests.template.translator import DEPLOYMENTS, TEMPLATE, RefusedTemplateError, Translator

assert MODULES  # registering the rules is what they are imported for


def mutated(fault: Fault) -> str:
    """Return the template with *fault* in it."""
    text = TEMPLATE.read_text()
    position = text.index(fault.old, text.index(fault.after))
    return text[:position] + fault.new + text[position + len(fault.old) :]


def finder_of(template: str, translator: Translator) -> str | None:
    """Return what finds a fault first: the expansion, a rule or cfn-lint; None if nothing does."""
    for name in DEPLOYMENTS:
        try:
            deployment = translator.deployment(template, name)
            for rule in RULES:
                if any(True for _ in rule(deployment)):
                    return rule.__name__
        except RefusedTemplateError:
            return "the SAM translator"
        except MISSHAPEN:
            return "the expansion"
    return "cfn-lint" if len(translator.lint(template)) > len(CFN_LINT) else None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_is_found(fault: Fault, translator: Translator) -> None:
    """A promise without a test that fails when it is broken is none."""
    finder = finder_of(mutated(fault), translator)

    assert finder


def test_faults_are_many_and_each_its_own() -> None:
    """The score counts for something."""
    assert len({mutated(fault) for fault in FAULTS}) == len(FAULTS) >= 40
