"""What a CloudWatch dashboard body says, with its shorthand written out.

See "Dashboard body structure and syntax" in the Amazon CloudWatch API reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

DEFAULT_PERIOD = 300


@dataclass(frozen=True, order=True)
class Metric:
    """One metric, as its publisher named it."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> Self:
        """Return the metric that an answer of CloudWatch describes."""
        dimensions = answer.get("Dimensions", [])
        return cls(
            answer["Namespace"],
            answer["MetricName"],
            tuple((item["Name"], item["Value"]) for item in dimensions),
        )

    def to_api(self) -> dict[str, Any]:
        """Return the metric as CloudWatch asks for it."""
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions]
        return {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}


@dataclass(frozen=True)
class Row:
    """One entry of a widget's `metrics`: a metric or an expression, and how it is drawn."""

    id: str
    source: Metric | str
    stat: str
    period: int
    label: str
    color: str
    axis: str
    visible: bool

    @classmethod
    def from_options(
        cls, source: Metric | str, options: Mapping[str, Any], widget: Mapping[str, Any]
    ) -> Self:
        """Return the row of *source*; what *options* leave open, the *widget* says."""
        return cls(
            id=options.get("id", ""),
            source=source,
            stat=options.get("stat", widget.get("stat", "Average")),
            period=int(options.get("period", widget.get("period", DEFAULT_PERIOD))),
            label=options.get("label", ""),
            color=options.get("color", ""),
            axis=options.get("yAxis", "left"),
            visible=options.get("visible", True),
        )


def rows_of(widget: Mapping[str, Any]) -> list[Row]:
    """Return the rows in the *widget*'s properties."""
    rows = []
    previous: list[str] = []
    for entry in widget.get("metrics", []):
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        words = [word for word in entry if not isinstance(word, dict)]
        if "expression" in options:
            rows.append(Row.from_options(options["expression"], options, widget))
            continue
        previous = written_out(words, previous)
        namespace, name, *rest = previous
        metric = Metric(namespace, name, tuple(zip(rest[::2], rest[1::2], strict=True)))
        rows.append(Row.from_options(metric, options, widget))
    return rows


def written_out(words: Sequence[str], previous: Sequence[str]) -> list[str]:
    """Put the *previous* entry's words in where this one says `.` (one word) or `...` (several)."""
    if "..." in words:
        at = words.index("...")
        after = len(words) - at - 1
        words = [*words[:at], *previous[at : len(previous) - after], *words[at + 1 :]]
    return [previous[at] if word == "." else word for at, word in enumerate(words)]


def labels_of(rows: Sequence[Row]) -> list[str]:
    """Return each row's own label, or the words that tell its metric from the others'."""
    words = {
        row: [row.source.name, *(value for _, value in row.source.dimensions), row.stat]
        for row in rows
        if isinstance(row.source, Metric)
    }
    common = set.intersection(*map(set, words.values())) if words else set()
    return [
        row.label
        or " ".join(word for word in words.get(row, []) if word not in common)
        or (row.source.name if isinstance(row.source, Metric) else row.source)
        for row in rows
    ]
