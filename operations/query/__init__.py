"""Ask the stored messages in SQL: `make query` and `make views`.

From a contract to its view: `columns` (a JSON Schema's columns).
"""
