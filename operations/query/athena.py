"""Asks a deployed stack through Athena: starts a query, follows it, and stops it at Ctrl-C."""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from .answer import Answer, Row
from .place import Place

# Athena bills megabytes, 10 at least, at five dollars for a million of them (us-east-1, 2026).
_LEAST_BILLED = 10_000_000
_DOLLARS_FOR_A_BYTE = 5 / 1e12
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0


class QueryError(Exception):
    """Athena did not answer; the text says why, and what to do."""


class Progress(NamedTuple):
    """How far a query is."""

    state: str
    seconds: float
    scanned_bytes: int

    def text(self) -> str:
        """Return a line for a person."""
        return f"{self.state.lower()}, {self.seconds:.1f} s, {scanned(self.scanned_bytes)}"


def scanned(count: int) -> str:
    """Return what *count* scanned bytes are, and cost."""
    dollars = max(count, _LEAST_BILLED) * _DOLLARS_FOR_A_BYTE
    return f"{count / 1e6:,.3f} MB scanned (about {dollars:.5f} dollars)"


def ask(
    place: Place,
    sql: str,
    report: Callable[[Progress], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """Return what Athena answers to the query *sql*; raise QueryError if it does not."""
    return _answer(place, run(place, sql, report, pause))


def run(
    place: Place,
    sql: str,
    report: Callable[[Progress], None] = lambda _: None,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Run the statement *sql* to its end, and return Athena's name for it.

    Whatever interrupts the waiting (Ctrl-C) stops the statement too, which would go on and cost.
    """
    name = place.client.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": place.database},
        WorkGroup=place.workgroup,
    )["QueryExecutionId"]
    try:
        _wait(place, name, report, pause)
    except BaseException as error:
        if not isinstance(error, QueryError):
            place.client.stop_query_execution(QueryExecutionId=name)
        raise
    return name


def _wait(
    place: Place,
    name: str,
    report: Callable[[Progress], None],
    pause: Callable[[float], None],
) -> None:
    seconds = _FIRST_PAUSE
    while True:
        execution = place.client.get_query_execution(QueryExecutionId=name)["QueryExecution"]
        statistics = execution.get("Statistics", {})
        state = execution["Status"]["State"]
        report(
            Progress(
                state,
                statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
                statistics.get("DataScannedInBytes", 0),
            )
        )
        if state == "SUCCEEDED":
            return
        if state in ("FAILED", "CANCELLED"):
            raise QueryError(_advice(execution["Status"].get("StateChangeReason", state)))
        pause(seconds)
        seconds = min(2 * seconds, _LONGEST_PAUSE)


def _advice(reason: str) -> str:
    lowered = reason.lower()
    if "bytes scanned limit" in lowered:
        return (
            f"{reason} Name the day (dt) and hour, so that it reads less, or deploy a greater"
            " QueryLimitInBytes."
        )
    if "table_not_found" in lowered or "does not exist" in lowered:
        return f"{reason} Bring the views to the stack: make views STACK_NAME=..."
    return f"Athena did not answer: {reason}"


def _answer(place: Place, name: str) -> Answer:
    pages = iter(place.client.get_paginator("get_query_results").paginate(QueryExecutionId=name))
    first = next(pages)
    columns = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]

    def rows() -> Iterator[Row]:
        found = chain.from_iterable(page["ResultSet"]["Rows"] for page in chain([first], pages))
        next(found, None)  # the names
        for row in found:
            yield [value.get("VarCharValue") for value in row["Data"]]

    return Answer([each["Name"] for each in columns], [each["Type"] for each in columns], rows())
