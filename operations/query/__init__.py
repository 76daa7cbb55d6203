"""Ask the stored messages in SQL: `make query` and `make views`.

From a contract to its view: `columns` (a JSON Schema's columns), `views` (the statements, and
bringing them to a stack). What template.yaml has: `tables` (raw tables, saved queries).
A question's way on a deployed stack: `__main__`, `place` (whose tables), `athena`, `answer`.
On the one-machine stack: `__main__`, `one_machine` (objects into DuckDB), `dialect` (the statement
translated or refused), `trino` (functions as Athena has them), `answer`.
"""
