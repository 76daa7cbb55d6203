"""A contract keeps its word: what a version accepted once, it goes on accepting.

`recorded` reads and writes the record of each version (events/contracts/), `schema` reduces a JSON
Schema to what decides, `verdict` compares a record with the model of today, and `__main__` says
what it means. `is_subschema` and `values` are programs of their own, since their libraries can
take for ever: `limited` ends them in time.
"""
