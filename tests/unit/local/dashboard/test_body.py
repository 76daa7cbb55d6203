"""A dashboard body's shorthand means what CloudWatch says it means."""

from typing import Any

import pytest

from local.dashboard.body import Metric, labels_of, rows_of


def metrics(*entries: list[Any], **widget: Any) -> list[Metric | str]:
    """Return what the rows of a widget with these `metrics` ask for."""
    return [row.source for row in rows_of({"metrics": entries, **widget})]


def test_a_row_is_namespace_name_and_pairs_of_dimensions() -> None:
    """The plain form, and one without dimensions."""
    found = metrics(["Weir", "Jitter", "service", "latency_probe"], ["Weir", "Total"])

    assert found == [
        Metric("Weir", "Jitter", (("service", "latency_probe"),)),
        Metric("Weir", "Total"),
    ]


def test_a_dot_repeats_one_word_of_the_row_before() -> None:
    """A dashboard's author leaves out what does not change."""
    found = metrics(["Weir", "Jitter", "service", "a"], [".", "PacketLoss", ".", "b"])

    assert found[1] == Metric("Weir", "PacketLoss", (("service", "b"),))


@pytest.mark.parametrize(
    ("entry", "dimensions"),
    [
        (["..."], (("service", "a"), ("target", "x"))),
        (["...", "y"], (("service", "a"), ("target", "y"))),
        (["...", {"stat": "p99"}], (("service", "a"), ("target", "x"))),
        ([".", "...", "z"], (("service", "a"), ("target", "z"))),
    ],
)
def test_three_dots_repeat_all_that_the_row_leaves_out(
    entry: list[Any], dimensions: tuple[tuple[str, str], ...]
) -> None:
    """The commonest shorthand: the same metric, another last dimension or statistic."""
    found = metrics(["Weir", "Jitter", "service", "a", "target", "x"], entry)

    assert found[1] == Metric("Weir", "Jitter", dimensions)


def test_an_expression_is_not_what_dots_refer_to() -> None:
    """Dots look back to the last metric."""
    found = metrics(["Weir", "Jitter"], [{"expression": "m1 * 2"}], [".", "PacketLoss"])

    assert found == [Metric("Weir", "Jitter"), "m1 * 2", Metric("Weir", "PacketLoss")]


def test_a_row_says_more_than_its_widget_and_the_widget_more_than_cloudwatch() -> None:
    """Statistic and period are inherited."""
    widget = {"stat": "Sum", "metrics": [["W", "A"], ["W", "B", {"stat": "p99", "period": 60}]]}

    inherited, own = rows_of(widget)

    assert (inherited.stat, inherited.period) == ("Sum", 300)
    assert (own.stat, own.period) == ("p99", 60)


@pytest.mark.parametrize("entry", [["Weir", "Jitter", "service"], [".", "Jitter"], ["Weir"]])
def test_a_row_that_is_no_metric_is_refused(entry: list[str]) -> None:
    """CloudWatch refuses it too, but the emulator takes it."""
    with pytest.raises((ValueError, LookupError)):
        rows_of({"metrics": [entry]})


def test_a_label_tells_what_tells_the_rows_apart() -> None:
    """Repeating the namespace and the metric's name in every legend says nothing."""
    rows = rows_of(
        {"metrics": [["W", "Trip", "target", "a"], ["...", "b"], ["...", "b", {"label": "mine"}]]}
    )

    assert labels_of(rows) == ["a", "b", "mine"]
    assert labels_of(rows[:1]) == ["Trip"]
