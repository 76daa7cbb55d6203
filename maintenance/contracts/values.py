"""Writes values of a JSON Schema that it reads from standard input, one per line as JSON.

hypothesis-jsonschema had its last release in 2024 and calls a method that Hypothesis has taken out
since (`many.more`, 6.170.10): it is put back here.
"""

import json
import sys
from typing import Any

import hypothesis.internal.conjecture.utils as conjecture
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis_jsonschema import from_schema

from .limited import limit

MOST = 200


def _more(elements: Any) -> bool:
    if elements._depth is None:
        elements.__enter__()
        elements.steps = iter(elements)
    if next(elements.steps, elements) is None:
        return True
    elements.__exit__(None, None, None)
    return False


def write_values(schema: dict[str, Any]) -> None:
    """Write *MOST* values of *schema*, the same ones each time."""

    @seed(0)
    @settings(
        max_examples=MOST,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(schema))
    def write(value: Any) -> None:
        print(json.dumps(value), flush=True)

    write()


if __name__ == "__main__":
    limit()
    conjecture.many.more = _more  # type: ignore[attr-defined]
    write_values(json.load(sys.stdin))
