"""A statement for Athena is answered as Athena answers it, or it is refused."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from operations.query import one_machine, trino
from operations.query.dialect import RefusedError, tables_of, translate
from operations.query.tables import saved_queries
from operations.query.views import views

SCHEMA = {
    "raw": {"line": "varchar", "dt": "varchar", "$path": "varchar"},
    "numbers": {"n": "bigint", "t": "varchar", "b": "boolean"},
}
LINE = '{"a": 1.10, "big": 123456789012345678901234567890, "l": [{"p": "x", "q": 2}, {"p": "y"}]}'


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return DuckDB with a table of text and one of numbers."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        trino.add_to(connection)
        connection.execute('CREATE TABLE raw (line VARCHAR, dt VARCHAR, "$path" VARCHAR)')
        connection.execute("INSERT INTO raw VALUES (?, '2026-01-15', 's3://b/k')", [LINE])
        connection.execute("CREATE TABLE numbers (n BIGINT, t VARCHAR, b BOOLEAN)")
        connection.execute(
            "INSERT INTO numbers VALUES (7, 'a', true), (2, NULL, false), (NULL, 'B', NULL)"
        )
        yield connection


def answers(engine: duckdb.DuckDBPyConnection, sql: str) -> list[list[str | None]]:
    """Return the rows that *sql* has, in Athena's text."""
    rows: Any = one_machine._answer(engine, translate(sql, SCHEMA)).rows
    return [list(row) for row in rows]


# What Athena answers, by Trino's documentation (functions, language/types, sql/select) and, for
# the text of a value, by Java's form. Where DuckDB alone answers otherwise, its answer follows.
ANSWERS = {
    # arithmetic
    "5 / 2": "2",  # 2.5
    "-5 / 2": "-2",
    "5 % 3": "2",
    "-5 % 3": "-2",
    "7 / 2 * 2": "6",
    "1 - 4 / 3": "0",
    "8 / (4 / 2)": "4",
    "n / 2e0": "3.5",
    "1e0 / 0": "Infinity",
    "0.1 + 0.2": "0.3",
    "1e10": "1.0E10",  # 10000000000.0
    "1.5 * 1.5": "2.25",
    "avg(n)": "4.5",
    "sum(n)": "9",
    "floor(n)": "7",  # 7.0
    "round(2.5e0)": "3.0",
    "round(-2.5e0)": "-3.0",
    "CAST(round(2.5e0) AS bigint)": "3",
    "CAST(2.5 AS bigint)": "3",
    # text
    "substr('abc', 0)": "",  # abc
    "substr('abc', -2)": "bc",
    "substr('abc', -9)": "",  # abc
    "substr('abc', 2, 1)": "b",
    "concat('a', NULL)": None,  # a
    "'a' || NULL": None,
    "split_part('a,b', ',', 3)": None,  # ''
    "replace('ab', '', '-')": "-a-b-",  # ab
    "strpos('é🦫', '🦫')": "2",
    "length('🦫')": "1",
    "upper('ß')": "ß",
    "'a' < 'B'": "false",
    "'a%' LIKE 'a!%' ESCAPE '!'": "true",
    # regular expressions
    "regexp_extract('abc', 'x(.)', 1)": None,  # ''
    "regexp_extract('abc', 'b(.)', 1)": "c",
    "regexp_replace('aXbX', 'X', '-')": "a-b-",  # a-bX
    "regexp_replace('ab', '(a)(b)', '$2$1')": "ba",  # $2$1
    "regexp_like('abc', '^b')": "false",
    "regexp_like('a', 'a(?!b)')": "true",  # an error
    # JSON
    "json_extract_scalar(line, '$.a')": "1.10",  # 1.1
    "json_extract_scalar(line, '$.big')": "123456789012345678901234567890",
    "json_extract_scalar(line, '$.l')": None,  # its text
    "json_extract_scalar(line, '$.l[1].p')": "y",
    "json_extract_scalar(line, '$[\"a\"]')": "1.10",
    "json_extract_scalar(line, '$.l[' || CAST(0 AS varchar) || '].q')": "2",
    "json_format(json_extract(line, '$.l'))": '[{"p":"x","q":2},{"p":"y"}]',
    "json_extract(line, '$.none')": None,
    "json_array_length(json_extract(line, '$.l'))": "2",
    "element_at(CAST(json_extract('[1, \"b\"]', '$') AS array(varchar)), 2)": "b",
    "cardinality(CAST(json_extract(line, '$.l') AS array(row(p varchar))))": "2",
    # casts
    "TRY_CAST('12.7' AS bigint)": None,  # 13
    "TRY_CAST('1e3' AS bigint)": None,  # 1000
    "TRY_CAST('1_000' AS bigint)": None,  # 1000
    "TRY_CAST('9223372036854775808' AS bigint)": None,
    "CAST('+12' AS bigint)": "12",
    "CAST('1.005' AS decimal(10, 2))": "1.01",
    "CAST('1e3' AS double)": "1000.0",
    "TRY_CAST('yes' AS boolean)": None,  # true
    "CAST('T' AS boolean)": "true",
    "CAST(true AS varchar)": "true",
    "TRY_CAST('2026-01-15T10:00:00' AS timestamp)": None,  # a time
    "CAST('2026-01-15 10:00:00.5' AS timestamp)": "2026-01-15 10:00:00.500",
    "CAST(DATE '2026-01-15' AS varchar)": "2026-01-15",
    # times
    "date_diff('day', TIMESTAMP '2026-01-01 12:00:00', TIMESTAMP '2026-01-02 11:00:00')": "0",  # 1
    "date_diff('hour', DATE '2026-01-01', TIMESTAMP '2026-01-01 05:30:00')": "5",
    "DATE '2026-01-01' - INTERVAL '1' DAY": "2025-12-31",  # a time
    "date_add('month', 1, DATE '2026-01-31')": "2026-02-28",  # a time
    "date_trunc('month', DATE '2026-01-31')": "2026-01-01",
    "day_of_week(DATE '2026-01-18')": "7",
    "extract(hour FROM from_iso8601_timestamp('2026-01-15T10:20:30.123Z'))": "10",
    "from_iso8601_timestamp('2026-01-15T12:20:30.123+02:00')": "2026-01-15 10:20:30.123 UTC",
    "to_unixtime(from_iso8601_timestamp('1970-01-01T00:00:01.500Z'))": "1.5",
    "from_unixtime(1)": "1970-01-01 00:00:01.000 UTC",
    "date_format(TIMESTAMP '2026-01-15 10:20:30', '%H:%i:%s')": "10:20:30",
    "date_parse('20260115', '%Y%m%d')": "2026-01-15 00:00:00.000",
    # aggregates, conditions, windows
    "count(*)": "3",
    "count(t)": "2",
    "count(DISTINCT b)": "2",
    "count_if(b)": "1",
    "approx_distinct(n)": "2",
    "approx_percentile(n, 0.5)": "2",
    "max_by(t, n)": "a",
    "min_by(t, n)": None,  # a
    "count(*) FILTER (WHERE n > 2)": "1",
    "coalesce(NULL, 'x')": "x",
    "nullif('a', 'a')": None,
    "CASE WHEN NULL THEN 1 ELSE 2 END": "2",
    "if(1 > 2, 'a')": None,
    "NULL IN (1, 2)": None,
    "1 IS DISTINCT FROM NULL": "true",
    "ARRAY['a', NULL]": "[a, null]",
    "contains(ARRAY[1, 2], 2)": "true",
    "row_number() OVER (ORDER BY n)": "1",
}


@pytest.mark.parametrize("asked", ANSWERS)
def test_athenas_answer_is_given(engine: duckdb.DuckDBPyConnection, asked: str) -> None:
    """What somebody tries on one machine has to hold in the cloud."""
    of = "raw" if "line" in asked else "numbers"
    sql = f"SELECT {asked} AS answer FROM {of} LIMIT 1"

    assert answers(engine, sql) == [[ANSWERS[asked]]]


def test_nulls_come_last_both_ways(engine: duckdb.DuckDBPyConnection) -> None:
    """Trino's documentation of ORDER BY has it so."""
    for direction, expected in (("ASC", ["2", "7", None]), ("DESC", ["7", "2", None])):
        found = answers(engine, f"SELECT n FROM numbers ORDER BY n {direction}")
        assert [value for [value] in found] == expected


def test_an_unnested_row_spreads_into_columns(engine: duckdb.DuckDBPyConnection) -> None:
    """DuckDB would keep each row as one value."""
    sql = """
        SELECT p, q FROM raw
        CROSS JOIN UNNEST(CAST(json_extract(line, '$.l') AS array(row(p varchar, q varchar))))
          AS t (p, q)
        ORDER BY p
    """

    assert answers(engine, sql) == [["x", "2"], ["y", None]]


def test_names_are_folded_and_results_named_as_in_athena(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    """A reader of CSV finds the columns by their names."""
    sql = 'SELECT N, count(*), T AS "Name" FROM NUMBERS WHERE n = 7 GROUP BY n, t'

    assert one_machine._answer(engine, translate(sql, SCHEMA)).names == ["n", "_col1", "name"]


def test_a_join_group_and_window_of_subqueries(engine: duckdb.DuckDBPyConnection) -> None:
    """Types are known through subqueries, so that a division there is of integers too."""
    sql = """
        WITH halves AS (SELECT n / 2 AS half, t FROM numbers WHERE n IS NOT NULL)
        SELECT a.half / 2, rank() OVER (ORDER BY a.half DESC)
        FROM halves AS a JOIN halves AS b ON a.half = b.half
        UNION ALL SELECT 100, 1
        ORDER BY 1
    """

    assert answers(engine, sql) == [["0", "2"], ["1", "1"], ["100", "1"]]


REFUSED = {
    # Athena has an error where DuckDB has an answer.
    "n = '7'": "Athena does not compare text",
    "dt = 20260115": "Athena does not compare text",
    "dt BETWEEN 1 AND 2": "Athena does not compare text",
    "dt IN (1, 2)": "Athena does not compare text",
    "n IN (SELECT 'a')": "Athena does not compare text",
    "dt > DATE '2026-01-01'": "Athena does not compare",
    "t + 1": "t is text, and it has to be",
    "length(n)": "n is integer, and it has to be text",
    "sum(t)": "t is text",
    "hour(dt)": "dt is text, and it has to be timestamp",
    "lower(n)": "n is integer",
    "n || 'a'": "n is integer",
    "DATE '2026-01-01' + INTERVAL '1' HOUR": "adds no hour to a date",
    # The engines answer otherwise, or nobody compared them.
    "1 / 2.0": "Cast to double",
    "n / CAST('1' AS decimal(10, 2))": "Cast to double",
    "avg(1.5)": "it has to be double or integer",
    "round(1.5e0, 1)": "round\\(x \\* 100\\) / 100",
    "CAST(1.5e0 AS bigint)": "CAST\\(round\\(x\\) AS bigint\\)",
    "CAST(1.5e0 AS varchar)": "from double to text",
    "CAST(now() AS varchar)": "date_format",
    "CAST('abc' AS varchar(2))": "use substr",
    "CAST(line AS json)": "does not know a cast",
    "CAST(json_extract(line, '$.l') AS array(row(q bigint)))": "array\\(varchar\\)",
    "date_diff('month', now(), now())": "the unit is one of",
    "date_format(now(), '%M')": "knows the signs",
    "array_agg(n)": "ORDER BY",
    "ARRAY[1][2]": "element_at",
    "trim(t)": "does not know TRIM",
    "greatest(1, NULL)": "does not know GREATEST",
    "json_parse(line)": "does not know",
    "json_value(line, 'lax $.a')": "does not know",
    "random()": "does not know",
    "no_such_function(n)": "does not know no_such_function",
    "trino_substr(t, 1, 1)": "does not know trino_substr",
    "date_sub('day', now(), now())": "does not know",
    "approx_percentile(n, 0.5, 0.1)": "approx_percentile\\(x, 0.5\\) alone",
    "sum(n) OVER (ORDER BY n RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)": "ROWS alone",
    "n AT TIME ZONE 'UTC'": "does not know",
}


@pytest.mark.parametrize("asked", REFUSED)
def test_what_would_be_answered_otherwise_is_refused(asked: str) -> None:
    """A number that differs only in the cloud is found by nobody."""
    of = "raw" if "line" in asked or "dt" in asked else "numbers"

    with pytest.raises(RefusedError, match=REFUSED[asked]):
        translate(f"SELECT {asked} FROM {of}", SCHEMA)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELEC 1", "not SQL as Athena knows it"),
        ("SELECT 'a", "not SQL as Athena knows it"),
        ("", "one question"),
        ("SELECT 1; SELECT 2", "one question"),
        ("DELETE FROM raw", "one question"),
        ("CREATE TABLE t AS SELECT 1 AS a", "one question"),
        ("SELECT * FROM nope", "There is no table nope. There are numbers, raw"),
        ("SELECT * FROM weir_dev.raw", "without its database"),
        ("SELECT nope FROM raw", "make query lists tables and columns"),
        ("SELECT n AS x FROM numbers WHERE x = 1", "could not be resolved"),
        ("SELECT DISTINCT ON (n) n FROM numbers", "DISTINCT ON"),
        ("SELECT n FROM numbers GROUP BY ALL", "does not know all"),
        ("SELECT n FROM numbers GROUP BY ROLLUP (n)", "does not know ROLLUP"),
        ("SELECT 1 FROM numbers TABLESAMPLE BERNOULLI (10)", "does not know"),
        ("SELECT 1 FROM numbers NATURAL JOIN raw", "write the condition"),
        ("SELECT x FROM UNNEST(ARRAY[1]) WITH ORDINALITY AS t (x, i)", "without ordinality"),
    ],
)
def test_a_statement_that_cannot_be_asked_says_why(sql: str, says: str) -> None:
    """The person who typed it has to know what to change."""
    with pytest.raises(RefusedError, match=says):
        translate(sql, SCHEMA)


def test_a_value_that_athena_would_not_cast_stops_the_query(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    """DuckDB would read '12.7' as 13."""
    with pytest.raises(duckdb.Error, match=r"Cannot cast '12\.7' to integer\. TRY_CAST"):
        answers(engine, "SELECT CAST('12.7' AS bigint)")


def test_a_division_by_zero_stops_the_query(engine: duckdb.DuckDBPyConnection) -> None:
    """Trino has an error, and older releases of DuckDB have NULL."""
    with pytest.raises(duckdb.Error, match=r"(?i)division by zero"):
        answers(engine, "SELECT n / (n - 7) FROM numbers")


@pytest.mark.parametrize("sql", [*views().values(), *(q.sql for q in saved_queries().values())])
def test_every_statement_that_ships_is_translated(sql: str) -> None:
    """Views and saved queries are Athena's SQL, and the one-machine stack runs the same text."""
    schema = one_machine.schema()

    assert translate(sql.replace("?", "'x'"), schema)


def test_tables_are_found_wherever_they_are_asked() -> None:
    """Only the objects of these are read."""
    sql = """
        WITH a AS (SELECT * FROM Raw) SELECT * FROM a
        JOIN (SELECT n FROM numbers) AS b ON b.n IN (SELECT 1 FROM other)
    """

    assert tables_of(sql) == {"raw", "numbers", "other"}
