"""The views of the contracts: their statements, and bringing them to a deployed stack.

python -m operations.query.views [--stack-name weir-dev]

`maintenance.tables` writes the statements to views.sql beside this module, from the contracts.
"""

import argparse
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..told import told
from .athena import QueryError, run
from .columns import FIXED, Column, columns
from .place import Place, place_of

FILE = Path(__file__).with_name("views.sql")
ALL_MESSAGES = "all_messages"
# No contract may take these names.
RESERVED = {ALL_MESSAGES, "raw_messages", "raw_batches", "raw_quarantine"}
_STATEMENT = re.compile(r'^CREATE OR REPLACE VIEW "(\w+)" AS\n(.*?);\n', re.DOTALL | re.MULTILINE)

HEAD = """\
-- Written by `make generated`, from the contracts and operations/query/views.py.
-- `make views` brings these views to a deployed stack; the one-machine stack has them.

"""

# All messages of both layouts, each once. A message id belongs to one contract, day and hour, so
# that a condition on these columns reaches the tables. The envelope's own members come first in a
# line, so the first match is theirs, whatever the message holds.
ALL_MESSAGES_SQL = r"""SELECT
  message_id,
  contract,
  contract_version,
  client,
  received_at,
  context,
  dt,
  hour,
  message,
  object_uri
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY contract, dt, hour, message_id ORDER BY client NULLS LAST, object_uri
    ) AS delivery
  FROM (
    SELECT
      regexp_extract("$path", '_([0-9a-f-]{36})\.json$', 1) AS message_id,
      contract,
      CAST(NULL AS varchar) AS contract_version,
      CAST(NULL AS varchar) AS client,
      regexp_replace(
        "$path",
        '^.*/([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2}[.][0-9]{3}Z)_[^/]*$',
        '$1-$2-$3T$4:$5:$6'
      ) AS received_at,
      CAST(NULL AS varchar) AS context,
      dt,
      hour,
      line AS message,
      "$path" AS object_uri
    FROM raw_messages
    UNION ALL
    SELECT
      regexp_extract(line, '"message_id": "([^"]*)"', 1),
      contract,
      regexp_extract(line, '"contract_version": "([^"]*)"', 1),
      regexp_extract(line, '"client": "([^"]*)"', 1),
      regexp_extract(line, '"received_at": "([^"]*)"', 1),
      json_extract_scalar(
        concat(substr(line, 1, strpos(line, ', "message": ') - 1), '}'), '$.context'
      ),
      dt,
      hour,
      substr(
        line,
        strpos(line, '"message": ') + 11,
        length(line) - strpos(line, '"message": ') - 11
      ),
      "$path"
    FROM raw_batches
  ) AS deliveries
) AS messages
WHERE delivery = 1"""


class TakenNameError(Exception):
    """Two views would have one name."""


def statements(schemas: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the statements of all views, by the JSON *schemas* of the contracts."""
    views = {ALL_MESSAGES: ALL_MESSAGES_SQL}
    for contract, schema in sorted(schemas.items()):
        name = contract.replace("-", "_")
        if name in views.keys() | RESERVED:
            raise TakenNameError(
                f"The contract {contract} would have the view {name}, which another one has."
                " Give its class another name."
            )
        views[name] = view_sql(contract, columns(schema))
    return HEAD + "\n".join(
        f'CREATE OR REPLACE VIEW "{name}" AS\n{sql};\n' for name, sql in views.items()
    )


def view_sql(contract: str, found: list[Column]) -> str:
    """Return the SELECT of *contract*'s view: its members' columns, then the fixed ones."""
    members = "".join(f'  {_expression(column)} AS "{column.name}",\n' for column in found)
    fixed = "".join(f"  {name},\n" for name in FIXED).removesuffix(",\n")
    return f"SELECT\n{members}{fixed}\nFROM {ALL_MESSAGES}\nWHERE contract = '{contract}'"


def _expression(column: Column) -> str:
    path = f"'{column.path}'"
    if column.is_json:
        return f"nullif(json_format(json_extract(message, {path})), 'null')"
    text = f"json_extract_scalar(message, {path})"
    # An older version of the contract may have let something else in: its value is in `message`.
    return text if column.sql_type == "varchar" else f"TRY_CAST({text} AS {column.sql_type})"


def views(text: str | None = None) -> dict[str, str]:
    """Return the SELECT of each view by name, in an order in which they can be made.

    They are those of the statements in *text*, else of views.sql.
    """
    return dict(_STATEMENT.findall(FILE.read_text() if text is None else text))


def bring(place: Place, pause: Callable[[float], None] = time.sleep) -> None:
    """Make every view at *place*, or replace it; each is a statement of its own to Athena."""
    for name, sql in views().items():
        print(f"view {name}", flush=True)
        run(place, f'CREATE OR REPLACE VIEW "{name}" AS\n{sql}', pause=pause)


def main() -> None:
    """Bring the views to a deployed stack."""
    parser = argparse.ArgumentParser(prog="views", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stack-name", default="", help="a deployed stack")
    arguments = parser.parse_args()
    if not arguments.stack_name:
        raise SystemExit(
            "The one-machine stack has its views already: make query. Name a deployed stack to"
            " bring them there: make views STACK_NAME=weir-dev"
        )
    with told():
        try:
            bring(place_of(arguments.stack_name))
        except QueryError as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
