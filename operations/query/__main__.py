"""Ask the stored messages in SQL, as Athena knows it, of either stack.

python -m operations.query --sql "SELECT ..." | --name newest [--values "a b"]
    [--format table|csv|json] [--stack-name weir-dev]
"""

import argparse
import shlex
import sys
import time
from collections.abc import Iterator

from ..deployed import on_this_machine
from ..told import told
from . import athena, one_machine
from .answer import WRITERS, Answer
from .dialect import PATH, RefusedError, parse
from .place import place_of
from .tables import saved_queries

_QUIET_OBJECTS = 200


def known() -> Iterator[str]:
    """Yield what can be asked: tables with their columns, and saved queries."""
    yield "Tables (make query SQL='select count(*) from email'):"
    for name, columns in one_machine.schema().items():
        shown = (f"{column} {kind}" for column, kind in columns.items() if column != PATH)
        yield f"  {name}: {', '.join(shown)}"
    yield "Saved queries (make query NAME=newest):"
    for query in saved_queries().values():
        values = " VALUES='...'" if query.value_count else ""
        yield f"  {query.name}{values}: {query.description}"


def statement(arguments: argparse.Namespace) -> str:
    """Return the SQL that is asked for."""
    if arguments.sql and arguments.name:
        raise SystemExit("Give SQL=... or NAME=..., not both.")
    if not arguments.name:
        return str(arguments.sql)
    saved = saved_queries()
    if arguments.name not in saved:
        raise SystemExit(f"There is no saved query {arguments.name}. There are {', '.join(saved)}.")
    return saved[arguments.name].with_values(shlex.split(arguments.values))


def say(text: str, end: str = "\n") -> None:
    """Tell the person, apart from the answer."""
    print(text, end=end, file=sys.stderr, flush=True)


def ask_here(sql: str) -> Answer:
    """Ask the one-machine stack."""
    deployed = on_this_machine()
    terminal = sys.stderr.isatty()

    def progress(count: int, total: int) -> None:
        if terminal and total > _QUIET_OBJECTS and (count % 100 == 0 or count == total):
            say(f"\r{count:,} of {total:,} objects read", end="\n" if count == total else "")

    return one_machine.ask(deployed.client("s3"), deployed.bucket, sql, progress)


def ask_there(stack_name: str, sql: str) -> Answer:
    """Ask a deployed stack."""
    parse(sql)
    terminal = sys.stderr.isatty()

    def report(progress: athena.Progress) -> None:
        done = progress.state == "SUCCEEDED"
        if terminal or done:
            say(f"{'\r\x1b[K' if terminal else ''}{progress.text()}", end="\n" if done else "")

    return athena.ask(place_of(stack_name), sql, report)


def main() -> None:
    """Answer one question."""
    parser = argparse.ArgumentParser(prog="query", description=__doc__.split("\n\n")[0])
    parser.add_argument("--sql", default="", help="a SELECT, in Athena's dialect")
    parser.add_argument("--name", default="", help="a saved query")
    parser.add_argument("--values", default="", help="what stands for its question marks")
    parser.add_argument("--format", choices=WRITERS, default="table")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    arguments = parser.parse_args()
    if not arguments.sql and not arguments.name:
        print("\n".join(known()))
        return
    with told():
        sql = statement(arguments)
        start = time.monotonic()
        try:
            there = arguments.stack_name
            answer = ask_there(there, sql) if there else ask_here(sql)
            count = WRITERS[arguments.format](answer, sys.stdout)
        except (RefusedError, athena.QueryError) as error:
            raise SystemExit(str(error)) from None
        except BrokenPipeError:  # a reader such as head has enough
            sys.stderr.close()
            return
        if arguments.format == "table":
            say(f"{count:,} row{'' if count == 1 else 's'}, {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
