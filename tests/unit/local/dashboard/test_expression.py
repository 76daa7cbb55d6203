"""Metric math gives what CloudWatch's would, or says that it is not known here."""

import pytest

from local.dashboard.body import Metric
from local.dashboard.expression import ExpressionError, Series, evaluate, search_of

KNOWN: dict[str, Series] = {
    "accepted": {60: 5.0, 120: 3.0, 180: 2.0},
    "stored": {60: 4.0, 120: 4.0},
    "zero": {60: 0.0, 120: 2.0},
}
TIMES = [60, 120, 180]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("accepted - stored", {60: 1.0, 120: -1.0}),
        ("100 * (accepted + 1)", {60: 600.0, 120: 400.0, 180: 300.0}),
        ("-stored / 2", {60: -2.0, 120: -2.0}),
        ("stored / zero", {120: 2.0}),
        ("2 * 3", {60: 6.0, 120: 6.0, 180: 6.0}),
        ("FILL(stored, 0)", {60: 4.0, 120: 4.0, 180: 0}),
        ("RUNNING_SUM(accepted)", {60: 5.0, 120: 8.0, 180: 10.0}),
        ("RUNNING_SUM(accepted - FILL(stored, 0))", {60: 1.0, 120: 0.0, 180: 2.0}),
        ("SUM([accepted, stored])", {60: 9.0, 120: 7.0, 180: 2.0}),
    ],
)
def test_known_math_is_computed(text: str, result: Series) -> None:
    """Where an operand has no value there is none, and nothing is divided by zero."""
    assert evaluate(text, KNOWN, TIMES) == result


@pytest.mark.parametrize(
    "text",
    ["missing + 1", "IF(accepted > 1, 1)", "ANOMALY_DETECTION_BAND(accepted)", "accepted +", "a\0",
     "RUNNING_SUM(1)", "SEARCH('{W} x', 'Sum')", "__import__('os')", "accepted.real", "'text'"],
)  # fmt: skip
def test_unknown_math_is_refused(text: str) -> None:
    """A wrong curve would be worse than none; and it is parsed, never run."""
    with pytest.raises(ExpressionError):
        evaluate(text, KNOWN, TIMES)


def test_a_search_finds_metrics_with_exactly_its_dimensions_and_values() -> None:
    """The schema of a search is not a prefix."""
    text = """SEARCH('{Weir,service,target} service="probe" MetricName="Trip"', 'p50', 60)"""

    search = search_of(text)

    assert search is not None
    assert (search.namespace, search.stat, search.period) == ("Weir", "p50", 60)
    assert search.finds(Metric("Weir", "Trip", (("target", "a"), ("service", "probe"))))
    assert not search.finds(Metric("Weir", "Loss", (("target", "a"), ("service", "probe"))))
    assert not search.finds(Metric("Weir", "Trip", (("target", "a"), ("service", "other"))))
    assert not search.finds(Metric("Weir", "Trip", (("service", "probe"),)))


def test_a_search_by_words_is_refused() -> None:
    """CloudWatch matches parts of words there, which this page does not."""
    with pytest.raises(ExpressionError):
        search_of("SEARCH('{Weir,service} Trip', 'p50')")


def test_other_math_is_no_search() -> None:
    """Every expression is asked whether it is one."""
    assert search_of("RUNNING_SUM(accepted)") is None
