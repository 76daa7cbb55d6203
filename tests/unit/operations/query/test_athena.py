"""A query on Athena: followed to its end, stopped at Ctrl-C, and told in words that help."""

from typing import Any

import pytest

from operations.query.athena import Progress, QueryError, ask
from operations.query.place import Place
from operations.query.views import bring, views

NAME = "11111111-2222-3333-4444-555555555555"
# Pages as GetQueryResults gives them: the names come as the first row of the first page, and a
# NULL as a datum without a value.
PAGES: list[dict[str, Any]] = [
    {
        "ResultSet": {
            "ResultSetMetadata": {
                "ColumnInfo": [{"Name": "a", "Type": "varchar"}, {"Name": "n", "Type": "bigint"}]
            },
            "Rows": [
                {"Data": [{"VarCharValue": "a"}, {"VarCharValue": "n"}]},
                {"Data": [{"VarCharValue": "x"}, {"VarCharValue": "1"}]},
            ],
        }
    },
    {"ResultSet": {"Rows": [{"Data": [{}, {"VarCharValue": "2"}]}]}},
]


class FakeAthena:
    """Athena with recorded answers: each look at a query has the next of its *states*."""

    def __init__(self, *states: str, reason: str = "") -> None:
        self.states = list(states)
        self.reason = reason
        self.started: list[dict[str, Any]] = []
        self.stopped: list[str] = []

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        """Take a query."""
        self.started.append(request)
        return {"QueryExecutionId": NAME}

    def get_query_execution(self, **_: str) -> dict[str, Any]:
        """Say how far it is."""
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "QueryExecution": {
                "Status": {"State": state, "StateChangeReason": self.reason},
                "Statistics": {"TotalExecutionTimeInMillis": 1500, "DataScannedInBytes": 2_000_000},
            }
        }

    def stop_query_execution(self, **request: str) -> None:
        """End it."""
        self.stopped.append(request["QueryExecutionId"])

    def get_paginator(self, _: str) -> "FakeAthena":
        """Return what pages through results."""
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        """Return the pages."""
        return PAGES


def place(athena: FakeAthena) -> Place:
    """Return a stack's tables, asked through *athena*."""
    client: Any = athena
    return Place(client, "weir_dev", "weir-dev-readers")


def test_an_answer_has_every_page_without_the_row_of_names() -> None:
    """A thousand rows make a page."""
    answer = ask(place(FakeAthena("SUCCEEDED")), "SELECT 1")

    assert (answer.names, answer.types) == (["a", "n"], ["varchar", "bigint"])
    assert list(answer.rows) == [["x", "1"], [None, "2"]]


def test_a_query_runs_in_the_stacks_workgroup_and_database() -> None:
    """The workgroup bounds what it costs."""
    athena = FakeAthena("SUCCEEDED")

    ask(place(athena), "SELECT 1")

    assert athena.started == [
        {
            "QueryString": "SELECT 1",
            "QueryExecutionContext": {"Database": "weir_dev"},
            "WorkGroup": "weir-dev-readers",
        }
    ]


def test_progress_is_told_with_the_bytes_and_their_price() -> None:
    """Pauses grow, so that a long query is not asked after all the time."""
    told: list[Progress] = []
    pauses: list[float] = []

    ask(
        place(FakeAthena("QUEUED", *["RUNNING"] * 5, "SUCCEEDED")),
        "SELECT 1",
        told.append,
        pauses.append,
    )

    assert [each.state for each in told] == ["QUEUED", *["RUNNING"] * 5, "SUCCEEDED"]
    assert told[-1].text() == "succeeded, 1.5 s, 2.000 MB scanned (about 0.00005 dollars)"
    assert pauses == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ConnectionError])
def test_whatever_ends_the_waiting_stops_the_query(interruption: type[BaseException]) -> None:
    """Athena would read on, and bill it."""
    athena = FakeAthena("RUNNING")

    def pause(_: float) -> None:
        raise interruption

    with pytest.raises(interruption):
        ask(place(athena), "SELECT 1", pause=pause)

    assert athena.stopped == [NAME]


@pytest.mark.parametrize(
    ("state", "reason", "says"),
    [
        ("CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded", "QueryLimitInBytes"),
        ("FAILED", "TABLE_NOT_FOUND: line 1:15: Table 'email' does not exist", "make views"),
        ("FAILED", "SYNTAX_ERROR: line 1:8", "Athena did not answer: SYNTAX_ERROR"),
    ],
)
def test_a_query_that_fails_says_what_to_do(state: str, reason: str, says: str) -> None:
    """And it is not stopped once it has ended."""
    athena = FakeAthena(state, reason=reason)

    with pytest.raises(QueryError, match=says):
        ask(place(athena), "SELECT 1")

    assert athena.stopped == []


def test_views_are_made_each_by_a_statement_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Athena takes one statement at a time, and a view needs what it reads to be there."""
    athena = FakeAthena("SUCCEEDED")

    bring(place(athena))

    statements = [request["QueryString"] for request in athena.started]
    names = list(views())
    assert names[0] == "all_messages"
    assert [sql.split(" AS\n")[0] for sql in statements] == [
        f'CREATE OR REPLACE VIEW "{name}"' for name in names
    ]
    assert capsys.readouterr().out.split() == [word for name in names for word in ("view", name)]


def test_a_view_that_fails_ends_the_rest() -> None:
    """The others would fail for the same reason."""
    athena = FakeAthena("FAILED", reason="Insufficient permissions")

    with pytest.raises(QueryError, match="Insufficient permissions"):
        bring(place(athena))

    assert len(athena.started) == 1


def test_a_rejected_start_stops_nothing() -> None:
    """There is nothing to stop yet."""

    class Rejecting(FakeAthena):
        def start_query_execution(self, **_: Any) -> dict[str, str]:
            raise ConnectionError

    athena = Rejecting("RUNNING")

    with pytest.raises(ConnectionError):
        ask(place(athena), "SELECT 1")
    assert athena.stopped == []
