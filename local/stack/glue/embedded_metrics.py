"""Metrics in log lines (EMF): the emulator leaves them there."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .log_lines import Line
from .observations import Datum, Observation

# In every line that carries metrics, and hardly in another.
PATTERN = '"CloudWatchMetrics"'


def of_lines(lines: Iterable[Line]) -> Iterator[Observation]:
    """Yield the values in each of *lines*."""
    for line in lines:
        yield from of_record(json.loads(line.message))


def of_record(record: dict[str, Any]) -> Iterator[Observation]:
    """Yield the values in *record*, once for each set of dimensions."""
    second = record["_aws"]["Timestamp"] // 1000
    for directive in record["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, record[name]) for name in names)
            for given in directive["Metrics"]:
                values = record[given["Name"]]
                unit = given.get("Unit", "None")
                metric = Datum(directive["Namespace"], given["Name"], dimensions, unit, second)
                for value in values if isinstance(values, list) else [values]:
                    yield metric, value
