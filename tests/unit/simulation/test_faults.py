"""The single faults that `make simulation-faults` plants fit the code as it is today."""

import ast
from collections import Counter

import pytest

from operations.project import ROOT
from tests.simulation.faults import FAULTS, Fault
from tests.simulation.score import planted


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_changes_the_code_at_one_place(fault: Fault) -> None:
    """A fault that cannot be planted shows nothing: move its `old` and `new` with the code."""
    ast.parse(planted(fault))

    assert not fault.unit or (ROOT / fault.unit).is_file()


def test_each_fault_has_a_name_of_its_own() -> None:
    """`make simulation-faults NAMES=` picks by name."""
    names = Counter(fault.name for fault in FAULTS)

    assert [name for name, count in names.items() if count > 1] == []
