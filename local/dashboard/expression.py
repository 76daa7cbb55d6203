"""Metric math, as far as Weir's dashboard uses it: the emulator computes none.

The syntax is close enough to Python's for Python's own parser; the meaning is CloudWatch's ("Using
math expressions with CloudWatch metrics" in the user guide). What is not known is refused.
"""

import ast
import operator
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate

from .body import Metric

Series = dict[int, float]
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
TERM = re.compile(r'"?([\w.-]+)"?\s*=\s*"([^"]*)"\s*(?:AND\s+)?')


class ExpressionError(ValueError):
    """The expression is none that this page can compute."""


@dataclass(frozen=True)
class Search:
    """A search for metrics: exactly these dimensions, and the values that are given."""

    namespace: str
    dimensions: frozenset[str]
    values: Mapping[str, str]
    stat: str
    period: int | None

    def finds(self, metric: Metric) -> bool:
        """Return whether *metric* is one that is searched for."""
        known = dict(metric.dimensions)
        asked = {"MetricName": metric.name, **known}
        return known.keys() == self.dimensions and self.values.items() <= asked.items()


def search_of(text: str) -> Search | None:
    """Return the search that an expression's *text* is, or None when it is no search.

    Known is the form with a schema and exact values:
    `SEARCH('{Weir,service,target} MetricName="PacketLoss"', 'Average', 60)`.
    """
    match _parse(text):
        case ast.Call(
            func=ast.Name(id="SEARCH"),
            args=[ast.Constant(value=str(query)), ast.Constant(value=str(stat)), *rest],
        ) if found := re.fullmatch(r"\s*\{([^{}]+)\}\s*(.*)", query):
            namespace, *dimensions = [word.strip(' "') for word in found[1].split(",")]
            if TERM.sub("", found[2]):
                raise ExpressionError(text)
            values = dict(TERM.findall(found[2]))
            period = rest[0].value if rest and isinstance(rest[0], ast.Constant) else None
            return Search(
                namespace,
                frozenset(dimensions),
                values,
                stat,
                period if isinstance(period, int) else None,
            )
    return None


def evaluate(text: str, known: Mapping[str, Series], times: Sequence[int]) -> Series:
    """Return what the expression *text* gives for the *known* series; *times* is what FILL fills.

    A time at which an operand has no value has no result, and neither has a division by zero.
    """
    result = _value(_parse(text), known, times)
    return dict.fromkeys(times, result) if isinstance(result, float) else result


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(text) from error


def _value(node: ast.expr, known: Mapping[str, Series], times: Sequence[int]) -> Series | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combined(operator.sub, 0.0, _value(operand, known, times))
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in OPERATORS:
            sides = _value(left, known, times), _value(right, known, times)
            return _combined(OPERATORS[type(kind)], *sides)
        case ast.Call(func=ast.Name(id="FILL"), args=[inner, ast.Constant(value=int(filler))]):
            series = _series(inner, known, times)
            return {time: series.get(time, filler) for time in times}
        case ast.Call(func=ast.Name(id="RUNNING_SUM"), args=[inner]):
            series = _series(inner, known, times)
            return dict(zip(series, accumulate(series.values()), strict=True))
        case ast.Call(func=ast.Name(id="SUM"), args=[ast.List(elts=items)]):
            sums: Counter[int] = Counter()
            for item in items:
                sums.update(_series(item, known, times))
            return dict(sorted(sums.items()))
    raise ExpressionError(ast.unparse(node))


def _series(node: ast.expr, known: Mapping[str, Series], times: Sequence[int]) -> Series:
    value = _value(node, known, times)
    if isinstance(value, float):
        raise ExpressionError(ast.unparse(node))
    return value


def _combined(
    function: Callable[[float, float], float], left: Series | float, right: Series | float
) -> Series | float:
    """Apply *function* at each time that both sides have; a number has every time."""
    if isinstance(left, float) and isinstance(right, float):
        return function(left, right)
    sides = [side for side in (left, right) if not isinstance(side, float)]
    result = {}
    for time in sorted(set(sides[0]).intersection(*sides)):
        with suppress(ZeroDivisionError):
            result[time] = function(
                left if isinstance(left, float) else left[time],
                right if isinstance(right, float) else right[time],
            )
    return result
