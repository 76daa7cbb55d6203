"""What a query answers, and how it is written: as a table, CSV or JSON."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TextIO

type Row = Sequence[str | None]


class Answer(NamedTuple):
    """Names and types (in Athena's words) of the columns, and the rows, each value as text."""

    names: list[str]
    types: list[str]
    rows: Iterable[Row]


_WHOLE = {"tinyint", "smallint", "integer", "bigint"}
_NUMBERS = _WHOLE | {"double", "real", "decimal"}


def write_table(answer: Answer, output: TextIO) -> int:
    """Write columns that stand below their names; return the number of rows.

    A sender's control characters are shown, not sent to the terminal.
    """
    rows = [[_visible(value) for value in row] for row in answer.rows]
    widths = [
        max(map(len, column)) for column in zip(map(_visible, answer.names), *rows, strict=True)
    ]

    def line(values: Iterable[str]) -> str:
        cells = zip(values, widths, answer.types, strict=True)
        return " | ".join(
            value.rjust(width) if kind in _NUMBERS else value.ljust(width)
            for value, width, kind in cells
        ).rstrip()

    print(line(map(_visible, answer.names)), file=output)
    print("-+-".join("-" * width for width in widths), file=output)
    for row in rows:
        print(line(row), file=output)
    return len(rows)


def _visible(value: str | None) -> str:
    if value is None:
        return "NULL"
    if value.isprintable():
        return value
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in value
    )


def write_csv(answer: Answer, output: TextIO) -> int:
    """Write CSV with quotes around all but NULL, which is empty; return the number of rows."""
    writer = csv.writer(output, quoting=csv.QUOTE_NOTNULL, lineterminator="\n")
    writer.writerow(answer.names)
    count = 0
    for count, row in enumerate(answer.rows, 1):  # noqa: B007
        writer.writerow(row)
    return count


def write_json(answer: Answer, output: TextIO) -> int:
    """Write an array with an object for each row, a line each; return the number of rows.

    Decimals are text, as most readers of JSON would round them.
    """
    names = _different(answer.names)
    count = 0
    output.write("[")
    for count, row in enumerate(answer.rows, 1):
        values = map(_json_value, row, answer.types)
        text = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False)
        output.write(("\n" if count == 1 else ",\n") + text)
    output.write("\n]\n" if count else "]\n")
    return count


def _different(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number = 2
        unique = name
        while unique in found:
            unique, number = f"{name}_{number}", number + 1
        found.append(unique)
    return found


def _json_value(value: str | None, kind: str) -> Any:
    if value is None:
        return None
    if kind in _WHOLE:
        return int(value)
    if kind == "boolean":
        return value == "true"
    if kind in ("double", "real") and value not in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    return value


WRITERS: dict[str, Callable[[Answer, TextIO], int]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}
