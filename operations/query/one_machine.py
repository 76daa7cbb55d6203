"""Asks the one-machine stack: its objects go into DuckDB, which answers a translated statement.

The emulator has an Athena of its own, which rounds numbers and answers much of SQL otherwise.
"""

import gzip
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from ..stored import keys, read
from . import trino
from .answer import Answer
from .dialect import PATH, RefusedError, Schema, tables_of, translate
from .tables import Table, tables
from .views import ALL_MESSAGES, views

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The types of a view's columns that are not varchar, by the cast that makes them.
_TYPED = re.compile(r'TRY_CAST\(.*\) AS (\w+)\) AS "(\w+)"')
_COLUMN = re.compile(r'^  (?:.* AS "(\w+)"|(\w+)),?$', re.MULTILINE)
_THREADS = 8
_LINES = re.compile("\r\n|\n|\r")

type Progress = Callable[[int, int], None]


def schema(made: Mapping[str, str] | None = None) -> Schema:
    """Return the columns, with their types, of each table, and of each of the views *made*."""
    found: dict[str, dict[str, str]] = {
        table.name: {
            "line": "varchar",
            **dict.fromkeys(table.partitions, "varchar"),
            PATH: "varchar",
        }
        for table in tables()
    }
    for name, sql in (views() if made is None else made).items():
        head = sql.partition("\nFROM ")[0]
        columns = [first or second for first, second in _COLUMN.findall(head)]
        found[name] = dict.fromkeys(columns, "varchar")
        found[name] |= {column: kind for kind, column in _TYPED.findall(sql)}
    return found


def ask(
    s3: "S3Client",
    bucket: str,
    sql: str,
    progress: Progress = lambda *_: None,
    made: Mapping[str, str] | None = None,
) -> Answer:
    """Return what the objects of *bucket* answer to *sql*, a statement in Athena's dialect.

    *made* are the views (else those of the contracts); raise RefusedError if it cannot be said.
    """
    made = views() if made is None else made
    known = schema(made)
    statement = translate(sql, known)
    engine = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        engine.execute("SET TimeZone = 'UTC'")
        trino.add_to(engine)
        _load(engine, _Objects(s3, bucket, made, tables_of(sql)), progress)
        for name, view in made.items():
            engine.execute(f'CREATE VIEW "{name}" AS {translate(view, known)}')
        engine.execute("SET enable_external_access = false")
        return _answer(engine, statement)
    except duckdb.Error as error:
        raise RefusedError(_plain(error)) from None
    finally:
        engine.close()


def _plain(error: duckdb.Error) -> str:
    """Return DuckDB's *error* without what it says of our functions."""
    return str(error).partition("UnlikeError: ")[2] or str(error)


def _answer(engine: duckdb.DuckDBPyConnection, statement: str) -> Answer:
    described = engine.execute(f"DESCRIBE {statement}").fetchall()
    names = [str(name) for name, *_ in described]
    types = [str(kind) for _, kind, *_ in described]
    # By place, as two results can have one name.
    aliases = ", ".join(f"c{at}" for at in range(len(names)))
    values = ", ".join(_text_of(f"c{at}", kind) for at, kind in enumerate(types))
    found = engine.execute(
        f"SELECT {values} FROM ({statement}) AS answers ({aliases})"  # noqa: S608
    ).fetchall()
    return Answer(
        names,
        [_athena_type(kind) for kind in types],
        [[_text(each) for each in row] for row in found],
    )


def _text_of(column: str, kind: str) -> str:
    """Return the expression that makes Athena's text of *column*, as far as SQL makes it."""
    if kind.startswith("TIMESTAMP"):
        zone = " || ' UTC'" if "ZONE" in kind else ""
        return f"strftime({column}, '%Y-%m-%d %H:%M:%S.%g'){zone}"
    return column


_TYPES = {
    "VARCHAR": "varchar",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "HUGEINT": "bigint",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "JSON": "json",
}


def _athena_type(kind: str) -> str:
    if kind.endswith("]"):
        return "array"
    if kind.startswith("STRUCT"):
        return "row"
    return "decimal" if kind.startswith("DECIMAL") else _TYPES.get(kind, kind.lower())


def _text(value: Any) -> str | None:
    """Return *value* as Athena writes it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return trino.double_text(value)
        case list():
            return "[" + ", ".join(_text(each) or "null" for each in value) + "]"
        case dict():
            members = (f"{name}={_text(each) or 'null'}" for name, each in value.items())
            return "{" + ", ".join(members) + "}"
    return str(value)


class _Objects(NamedTuple):
    """The objects of a bucket that the *asked* tables and views can read."""

    s3: "S3Client"
    bucket: str
    made: Mapping[str, str]
    asked: set[str]

    def of(self, table: Table) -> list[tuple[str, dict[str, str]]]:
        """Return key and partition of each object that *table* finds, as Athena would."""
        found = (
            (key, table.partition_of(key))
            for place in self._places(table)
            for key in keys(self.s3, self.bucket, place)
        )
        return [(key, partition) for key, partition in found if partition is not None]

    def _places(self, table: Table) -> list[str]:
        """Return what the keys of the objects that can be read in *table* begin with."""
        by_contract = "contract" in table.partitions
        if table.name in self.asked or (by_contract and ALL_MESSAGES in self.asked):
            return [table.prefix]
        contracts = (
            sql.rpartition("WHERE contract = '")[2].removesuffix("'")
            for name, sql in self.made.items()
            if by_contract and name in self.asked
        )
        return [f"{table.prefix}contract={contract}/" for contract in contracts]


def _load(engine: duckdb.DuckDBPyConnection, objects: _Objects, progress: Progress) -> None:
    """Make the raw tables of what *objects* hold."""
    lines_of = partial(_text_lines, objects.s3, objects.bucket)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_THREADS) as threads:
        for table in tables():
            columns = ["line", *table.partitions, PATH]
            declared = ", ".join(f'"{column}" VARCHAR' for column in columns)
            engine.execute(f'CREATE TABLE "{table.name}" ({declared})')
            found = objects.of(table)
            if not found:
                continue
            file = Path(folder) / table.name
            with file.open("w") as output:
                bodies = threads.map(lines_of, [key for key, _ in found])
                for count, ((key, partition), lines) in enumerate(
                    zip(found, bodies, strict=True), 1
                ):
                    place = {**partition, PATH: f"s3://{objects.bucket}/{key}"}
                    output.writelines(json.dumps({"line": line, **place}) + "\n" for line in lines)
                    progress(count, len(found))
            engine.execute(
                f'INSERT INTO "{table.name}" BY NAME SELECT * FROM read_json('  # noqa: S608
                f"$file, columns = {dict.fromkeys(columns, 'VARCHAR')},"
                " format = 'newline_delimited', maximum_object_size = 268435456)",
                {"file": str(file)},
            )


def _text_lines(s3: "S3Client", bucket: str, key: str) -> list[str]:
    """Return the lines of an object, as Hadoop's reader of text finds them."""
    body = read(s3, bucket, key)
    if key.endswith(".gz"):
        body = gzip.decompress(body)
    lines = _LINES.split(body.decode(errors="replace"))
    return lines if lines[-1] else lines[:-1]
