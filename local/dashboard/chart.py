"""A metric widget: its curves, its thresholds, and what of it cannot be shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from .body import Metric, Row, labels_of, rows_of
from .expression import ExpressionError, Series, evaluate, search_of
from .figures import Figures, Question, Span

Alarms = Mapping[str, Mapping[str, Any]]

# The emulator answers with the average for every statistic that it does not know.
STATISTICS = re.compile(r"Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?|p100")


def chart(
    figures: Figures, properties: Mapping[str, Any], alarms: Alarms, span: Span
) -> dict[str, Any]:
    """Return a chart: its curves, its thresholds, and a note on what it cannot show."""
    annotations = properties.get("annotations", {})
    watched = [alarms[arn] for arn in annotations.get("alarms", []) if arn in alarms]
    rows = rows_of(properties) or [row_of(alarm) for alarm in watched]
    notes: list[str] = []
    rows = list(chain.from_iterable(shown(figures, row, notes) for row in rows))
    if properties.get("setPeriodToTimeRange"):
        notes.append("the value is the last period's, not that of the whole time")
    curves = curves_of(figures, rows, span, notes)
    if not any(curve["points"] for curve in curves):
        spaces = {row.source.namespace for row in rows if isinstance(row.source, Metric)}
        silent = sorted(space for space in spaces if not figures.metrics(space))
        notes += [f"nothing here publishes {space}" for space in silent]
    lines = chain.from_iterable(
        one if isinstance(one, list) else [one] for one in annotations.get("horizontal", [])
    )
    thresholds = [
        {"value": alarm["Threshold"], "label": alarm["AlarmName"]}
        for alarm in watched
        if "Threshold" in alarm
    ]
    return {
        "view": properties.get("view", "timeSeries"),
        "stacked": properties.get("stacked", False),
        "axes": properties.get("yAxis", {}),
        "curves": [curve for curve in curves if curve["visible"]],
        "thresholds": [*lines, *thresholds],
        "note": "; ".join(notes),
    }


def row_of(alarm: Mapping[str, Any]) -> Row:
    """Return what an *alarm* on one metric watches."""
    options = {
        "stat": alarm.get("ExtendedStatistic") or alarm["Statistic"],
        "period": alarm["Period"],
    }
    return Row.from_options(Metric.from_api(alarm), options, {})


def shown(figures: Figures, row: Row, notes: list[str]) -> list[Row]:
    """Return the *row*, or those that its search finds; for one that is not shown, add a note."""
    try:
        search = search_of(row.source) if isinstance(row.source, str) else None
    except ExpressionError as error:
        notes.append(f"not shown here: {error}")
        return []
    if search:
        stat, period = search.stat, search.period or row.period
        return [
            replace(row, id="", source=metric, stat=stat, period=period)
            for metric in sorted(figures.metrics(search.namespace))
            if search.finds(metric)
        ]
    if isinstance(row.source, Metric) and not STATISTICS.fullmatch(row.stat):
        notes.append(f"not shown here: statistic {row.stat}")
        return []
    return [row]


def curves_of(
    figures: Figures, rows: list[Row], span: Span, notes: list[str]
) -> list[dict[str, Any]]:
    """Return the points of each of *rows*, and what is needed to draw them."""
    asked = {
        row: Question(row.source, row.stat, row.period)
        for row in rows
        if isinstance(row.source, Metric)
    }
    points = dict(zip(asked, figures.series(asked.values(), span), strict=True))
    known = {row.id: series for row, series in points.items()}
    first = min((time for series in points.values() for time in series), default=span.end)
    for row in rows:
        if isinstance(row.source, str):
            try:
                points[row] = evaluate(row.source, known, range(first, span.end, row.period))
            except ExpressionError as error:
                notes.append(f"not shown here: {error}")
            else:
                known[row.id] = points[row]
    return [
        {
            "label": label,
            "color": row.color,
            "axis": row.axis,
            "unit": figures.unit(row.source, span)
            if isinstance(row.source, Metric) and points[row]
            else "None",
            "period": row.period,
            "points": list(with_gaps(points[row], row.period)),
            "visible": row.visible,
            "band": makes_a_band(previous, row),
        }
        for previous, row, label in zip([None, *rows], rows, labels_of(rows), strict=False)
        if row in points
    ]


def makes_a_band(previous: Row | None, row: Row) -> bool:
    """Return whether the space from *previous* to *row* is a band: percentiles of one metric."""
    return (
        previous is not None
        and previous.visible
        and previous.source == row.source
        and previous.stat.startswith("p")
        and row.stat.startswith("p")
    )


def with_gaps(series: Series, period: int) -> Iterator[tuple[int, float | None]]:
    """Yield the points of *series*, and none where a period has none, so that lines stop there."""
    previous = None
    for time, value in series.items():
        if previous is not None and time - previous > period:
            yield previous + period, None
        yield time, value
        previous = time
