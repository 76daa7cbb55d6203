"""Single faults that are made of the template itself: a fixed sample of them has to be found.

`make template-faults` tries all of them, as the nightly workflow does.
"""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.template.deployment import walk
from tests.template.mutations import DROP, Fault
from tests.template.single_faults import Trial, run, sample
from tests.template.translator import (
    DEPLOYMENTS,
    TEMPLATE,
    RefusedTemplateError,
    Translator,
)

COUNT, SEED = 200, 22


@pytest.fixture(scope="module")
def trial(translator: Translator) -> Trial:
    """Return the template, ready for faults."""
    return Trial(translator, TEMPLATE.read_text())


def test_two_hundred_faults_are_found(
    trial: Trial, record_property: Callable[[str, object], None]
) -> None:
    """What passes unseen has a reason in harmless.py, or is a fault of the rules."""
    report = run(sample(trial.faults(), COUNT, SEED), complete=False)

    record_property("said at the end", "\n".join(report.lines()))
    assert len(report.verdicts) == COUNT
    assert list(report.problems()) == []


def test_template_without_a_fault_passes(trial: Trial) -> None:
    """A trial that always complains would find everything."""
    described = Fault(
        ("Resources", "HttpApi", "Properties", "Description"), "in other words", "An API."
    )

    assert trial.verdict(described).finder == ""


def test_every_property_has_its_faults(trial: Trial) -> None:
    """A resource or property that is new has its own without a line in the generator."""
    reached = {fault.path for fault in trial.faults()}
    beginnings = {path[:length] for path in reached for length in range(len(path) + 1)}
    missed = {
        path[:3]
        for section in ("Resources", "Parameters", "Outputs", "Conditions", "Rules", "Mappings")
        for path, _ in walk(trial.source[section], (section,))
        if path[:3] not in beginnings
    }

    assert {path[-1] for path in missed} == {"Type"}


def test_short_way_finds_what_the_long_way_finds(trial: Trial, translator: Translator) -> None:
    """Only what SAM has to do with is translated again; the rest is put into the expansion."""

    def answer(expand: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        try:
            return expand()
        except RefusedTemplateError:
            return None

    shortened = [fault for fault in trial.faults() if fault.path[0] in ("Resources", "Outputs")]
    for fault in sample(shortened, 30, SEED):
        source = fault.put_into(trial.source)
        for name in DEPLOYMENTS:
            short = answer(partial(trial.expansion, fault, source, name))
            assert short == answer(partial(translator.expanded, source, name)), fault


def test_complaint_has_a_place(trial: Trial) -> None:
    """The count of complaints that were reached is of lines, not of rules."""
    fault = next(fault for fault in trial.faults() if fault.name.endswith("maxReceiveCount: less"))

    places = trial.verdict(fault).places

    assert {place.where for place in places} > {"rules_flow.py", "resources_hold_what_was_decided"}


def test_fault_means_the_same_in_another_process() -> None:
    """What is dropped has to be dropped there, too."""
    fault = Fault(("a",), "dropped", DROP)

    assert pickle.loads(pickle.dumps(fault)).put_into({"a": 1, "b": 2}) == {"b": 2}  # noqa: S301
