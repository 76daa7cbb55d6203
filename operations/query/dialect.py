"""Athena's SQL in the words of DuckDB: a statement is translated, or refused, never just tried.

sqlglot reads Athena's dialect and writes DuckDB's, and knows each column's type on the way. Only
what is listed here passes, since a function of the same name may answer otherwise. They differ:

| Athena | DuckDB | Here |
|---|---|---|
| `5 / 2` is 2 | 2.5 | `//` between integers; refused with decimals, whose scales differ |
| JSON, regular expressions, casts of text | round, or take other values | functions of `trino` |
| `date_diff` counts whole units | counts borders crossed | `date_sub` |
| a day less a day is a day | is a time | cast back |
| `approx_distinct`, `approx_percentile` | other estimates | answered exactly |
| text against number: error | casts | refused |
| an unnested array of rows spreads into columns | stays one | spread |
| `concat` with NULL is NULL | leaves it out | `||` |
"""

from collections.abc import Callable, Mapping, Set

import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.errors import ErrorLevel, OptimizeError, ParseError, TokenError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from .trino import PREFIX

PATH = "$path"
# Columns and their types by table.
type Schema = Mapping[str, Mapping[str, str]]


class RefusedError(Exception):
    """The statement is not one that both engines answer alike; the text says what to do."""


def _literal(_: "object", node: exp.Literal) -> exp.Literal:
    fraction = not node.is_string and "." in node.name and "e" not in node.name.lower()
    kind = "decimal" if fraction else "varchar" if node.is_string else None
    node.type = kind or ("int" if node.is_int else "double")
    return node


def _by_argument(_: "object", node: exp.Expr) -> exp.Expr:
    node.type = node.this.type
    return node


def _returns(kind: str) -> dict[str, object]:
    return {"returns": exp.DataType.build(kind).this}


class Asked(Athena):
    """Athena's dialect, with the types of what sqlglot leaves open."""

    EXPRESSION_METADATA = {  # noqa: RUF012  (as sqlglot's own)
        **Athena.EXPRESSION_METADATA,
        exp.Literal: {"annotator": _literal},
        exp.JSONExtractScalar: _returns("varchar"),
        exp.JSONExtract: _returns("json"),
        exp.JSONFormat: _returns("varchar"),
        exp.Replace: _returns("varchar"),
        exp.SplitPart: _returns("varchar"),
        exp.RegexpExtract: _returns("varchar"),
        exp.RegexpReplace: _returns("varchar"),
        exp.ArgMin: {"annotator": _by_argument},
        exp.ArgMax: {"annotator": _by_argument},
        exp.ApproxQuantile: {"annotator": _by_argument},
        exp.TimestampTrunc: {"annotator": _by_argument},
        exp.DateDiff: _returns("bigint"),
        exp.Year: _returns("bigint"),
        exp.Month: _returns("bigint"),
        exp.Day: _returns("bigint"),
        exp.Hour: _returns("bigint"),
        exp.Minute: _returns("bigint"),
        exp.Second: _returns("bigint"),
        exp.FromISO8601Timestamp: _returns("timestamptz"),
        exp.UnixToTime: _returns("timestamptz"),
        exp.CurrentTimestamp: _returns("timestamptz"),
        exp.TimeToUnix: _returns("double"),
        exp.Anonymous: _returns("bigint"),  # json_array_length, the only one that passes
    }


_KINDS = {
    "text": exp.DataType.TEXT_TYPES,
    "integer": exp.DataType.INTEGER_TYPES,
    "decimal": {exp.DataType.Type.DECIMAL},
    "double": {exp.DataType.Type.DOUBLE},
    "boolean": {exp.DataType.Type.BOOLEAN},
    "date": {exp.DataType.Type.DATE},
    "timestamp": {exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ},
    "interval": {exp.DataType.Type.INTERVAL},
    "json": {exp.DataType.Type.JSON},
    "array": {exp.DataType.Type.ARRAY},
    "row": {exp.DataType.Type.STRUCT},
    "null": {exp.DataType.Type.NULL},
}
_TEXT = frozenset({"text"})
_NUMBERS = frozenset({"integer", "decimal", "double"})
_TIMES = frozenset({"date", "timestamp"})
_TIMESTAMP = frozenset({"timestamp"})
_FAMILIES = (_TEXT, _NUMBERS, frozenset({"boolean"}), _TIMES)

# Means the same in both, whatever stands within.
_ALIKE = (
    *(exp.From, exp.Where, exp.Having, exp.With, exp.CTE, exp.Subquery, exp.TableAlias),
    *(exp.Union, exp.Intersect, exp.Except, exp.Values, exp.Tuple, exp.Order, exp.Ordered),
    *(exp.Limit, exp.Offset, exp.Alias, exp.Column, exp.Identifier, exp.Star, exp.Literal),
    *(
        exp.Null,
        exp.Boolean,
        exp.Paren,
        exp.Filter,
        exp.Distinct,
        exp.And,
        exp.Or,
        exp.Not,
        exp.Is,
        exp.Exists,
    ),
    *(exp.Case, exp.If, exp.Nullif, exp.Coalesce, exp.Escape, exp.DataType, exp.DataTypeParam),
    *(exp.ColumnDef, exp.Var, exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Window, exp.RowNumber),
    *(exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.CurrentDate, exp.Array),
    *(exp.CurrentTimestamp, exp.JSONPath, exp.JSONPathPart),
)
# Means the same for arguments of these kinds, which Athena demands and DuckDB would cast to.
_ALIKE_FOR: dict[type[exp.Expr], Set[str]] = {
    **dict.fromkeys((exp.Sum, exp.Abs, exp.Neg, exp.Mul), _NUMBERS),
    **dict.fromkeys((exp.Length, exp.Like, exp.DPipe, exp.StartsWith, exp.StrPosition), _TEXT),
    **dict.fromkeys((exp.Year, exp.Month, exp.Day, exp.DayOfWeekIso), _TIMES),
    **dict.fromkeys((exp.Hour, exp.Minute, exp.Second, exp.TimeToUnix), _TIMESTAMP),
    exp.Date: {"timestamp", "date"},
    exp.UnixToTime: _NUMBERS,
    exp.Avg: {"integer", "double"},
    exp.Mod: {"integer"},
    exp.ArraySize: {"array"},
}
_COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE),
    *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In),
)
_UNITS = {"second", "minute", "hour", "day", "week", "month", "quarter", "year"}
_UNITS_OF_A_DATE = {"day", "week", "month", "quarter", "year"}
_FORMAT_SIGNS = set("YmdHMSf")


def translate(sql: str, schema: Schema) -> str:
    """Return Athena's statement *sql* in DuckDB's words; raise RefusedError where it has none."""
    tree: exp.Expr = parse(sql)
    _check_tables(tree, schema)
    _hide_path(tree, schema)
    _name_results(tree)
    try:
        tree = qualify(
            tree,
            schema={name: dict(columns) for name, columns in schema.items()},
            dialect=Asked,
            quote_identifiers=True,
            expand_alias_refs=False,
        )
        tree = annotate_types(tree, schema=dict(schema), dialect=Asked)
    except OptimizeError as error:
        raise RefusedError(f"{error}. make query lists tables and columns.") from None
    # Judge all of it as it was written, then translate from the leaves up.
    for node in tree.walk():
        _translated(node)
    for node in reversed(list(tree.walk())):
        if (new := _translated(node)) is not node:
            new.type = node.type
            if node is tree:
                tree = new
            else:
                node.replace(new)
    try:
        return str(tree.sql("duckdb", unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        raise RefusedError(f"The one-machine stack does not know it: {error}") from None


def parse(sql: str) -> exp.Query:
    """Return the one query in *sql*; raise RefusedError if it is anything else."""
    try:
        found = [tree for tree in sqlglot.parse(sql, read=Asked) if tree is not None]
    except (ParseError, TokenError) as error:
        raise RefusedError(f"This is not SQL as Athena knows it. {error}") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise RefusedError("make query asks one question: a SELECT, or WITH ... SELECT.")
    return found[0]


def tables_of(sql: str) -> set[str]:
    """Return the names of the tables and views that *sql* reads, in lower case."""
    tree = parse(sql)
    within = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    return {table.name.lower() for table in tree.find_all(exp.Table)} - within


def _check_tables(tree: exp.Expr, schema: Schema) -> None:
    within = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or not isinstance(table.this, exp.Identifier):
            raise RefusedError(f"{table.sql(Asked)}: name a table alone, without its database.")
        if table.name.lower() not in within | schema.keys():
            raise RefusedError(
                f"There is no table {table.name}. There are {', '.join(sorted(schema))}."
            )


def _hide_path(tree: exp.Expr, schema: Schema) -> None:
    """Leave "$path" out of each `*`, as Athena does."""
    for select in tree.find_all(exp.Select):
        sources = [select.args.get("from_"), *select.args.get("joins", [])]
        names = {source.this.name.lower() for source in sources if source}
        if not any(PATH in schema.get(name, {}) for name in names):
            continue
        for one in select.expressions:
            star = one.this if isinstance(one, exp.Column) else one
            if isinstance(star, exp.Star):
                star.set("except_", [exp.to_identifier(PATH, quoted=True)])


def _name_results(tree: exp.Expr) -> None:
    """Name each result without a name as Athena does."""
    for select in tree.find_all(exp.Select):
        for at, one in enumerate(select.expressions):
            if not isinstance(one, exp.Column | exp.Alias | exp.Dot) and not one.is_star:
                select.expressions[at].replace(exp.alias_(one.copy(), f"_col{at}"))


def _kind(node: exp.Expr) -> str:
    """Return the kind of *node*'s type."""
    if isinstance(node, exp.Null):
        return "null"
    found = node.type.this if node.type else None
    for kind, types in _KINDS.items():
        if found in types:
            return kind
    return "unknown"


def _call(name: str, *arguments: exp.Expr | str | int | bool) -> exp.Expr:
    return exp.Anonymous(this=PREFIX + name, expressions=[exp.convert(each) for each in arguments])


def _cast(node: exp.Expr, to: str, of: type[exp.Cast] = exp.Cast) -> exp.Expr:
    return of(this=node, to=exp.DataType.build(to))


def _of(node: exp.Expr) -> list[exp.Expr]:
    """Return the expressions that *node* works on."""
    found = [node.this, node.args.get("expression"), *node.args.get("expressions", [])]
    found += [node.args.get(name) for name in ("low", "high", "substr")]
    query = node.args.get("query")
    found += [query.this if isinstance(query, exp.Subquery) else query]
    flat: list[exp.Expr] = []
    for each in found:
        if isinstance(each, exp.Distinct | exp.Tuple):
            flat += each.expressions
        elif isinstance(each, exp.Query):
            flat += each.selects[:1]
        elif isinstance(each, exp.Expr):
            flat.append(each)
    return flat


def _need(node: exp.Expr, kinds: Set[str], *arguments: exp.Expr | None) -> None:
    """Raise RefusedError unless every argument is one of *kinds*."""
    for argument in arguments or _of(node):
        if argument is not None and _kind(argument) not in kinds | {"null"}:
            raise RefusedError(
                f"{_shown(node)}: {_shown(argument)} is {_kind(argument)}, and it has to be"
                f" {' or '.join(sorted(kinds))}. CAST it."
            )


def _shown(node: exp.Expr) -> str:
    bare = node.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    for name in bare.find_all(exp.Identifier):
        name.set("quoted", not name.name.isidentifier())
    return str(bare.sql(Athena))


def _unlike(node: exp.Expr, why: str) -> RefusedError:
    return RefusedError(f"{_shown(node)}: {why}")


def _translated(node: exp.Expr) -> exp.Expr:
    """Return what stands for *node* in DuckDB; raise RefusedError if nothing does."""
    if isinstance(node, _COMPARISONS):
        return _compared(node)
    for kind, kinds in _ALIKE_FOR.items():
        if type(node) is kind:
            _need(node, kinds)
            return node
    if handler := _HANDLERS.get(type(node)):
        return handler(node)
    if isinstance(node, _ALIKE):
        return node
    name = (
        node.name
        if isinstance(node, exp.Anonymous)
        else node.sql_name()
        if isinstance(node, exp.Func)
        else node.key.upper()
    )
    raise _unlike(
        node,
        f"the one-machine stack does not know {name}, as its answer was never compared with"
        " Athena's. A deployed stack does: STACK_NAME=...",
    )


def _compared(node: exp.Expr) -> exp.Expr:
    sides = [each for each in _of(node) if _kind(each) != "null"]
    for family in _FAMILIES:
        inside = [each for each in sides if _kind(each) in family]
        if inside and len(inside) != len(sides):
            other = next(each for each in sides if _kind(each) not in family)
            raise _unlike(
                node,
                f"Athena does not compare {_kind(inside[0])} ({_shown(inside[0])}) with"
                f" {_kind(other)} ({_shown(other)}). CAST one of them, or write text in quotes.",
            )
    return node


def _select(node: exp.Select) -> exp.Expr:
    distinct = node.args.get("distinct")
    if distinct and distinct.args.get("on"):
        raise _unlike(distinct, "Athena has no DISTINCT ON")
    return node


def _table(node: exp.Table) -> exp.Expr:
    if extra := [
        name for name, value in node.args.items() if value and name not in ("this", "alias")
    ]:
        raise _unlike(node, f"the one-machine stack does not know {extra[0]} of a table")
    return node


def _join(node: exp.Join) -> exp.Expr:
    if node.method:
        raise _unlike(node, f"write the condition instead of {node.method}")
    return node


def _group(node: exp.Group) -> exp.Expr:
    if extra := [name for name, value in node.args.items() if value and name != "expressions"]:
        raise _unlike(node, f"the one-machine stack does not know {extra[0]}")
    return node


def _frame(node: exp.WindowSpec) -> exp.Expr:
    if node.args.get("kind") != "ROWS":
        raise _unlike(node, "the one-machine stack knows frames of ROWS alone")
    return node


def _div(node: exp.Div) -> exp.Expr:
    kinds = {_kind(node.this), _kind(node.expression)}
    if kinds == {"integer"}:
        return exp.paren(exp.IntDiv(this=_grouped(node.this), expression=_grouped(node.expression)))
    if kinds <= {"integer", "double"}:
        return node
    raise _unlike(
        node,
        "Athena divides decimals to a scale of its own, and nothing but numbers. Cast to double:"
        " CAST(... AS double), or 60e0 instead of 60.0.",
    )


def _grouped(node: exp.Expr) -> exp.Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()


def _add(node: exp.Add | exp.Sub) -> exp.Expr:
    left, right = node.this, node.expression
    if not isinstance(right, exp.Interval):
        _need(node, _NUMBERS)
        return node
    _need(node, _TIMES, left)
    unit = right.unit.name.lower() if right.unit else ""
    if unit not in {"second", "minute", "hour", "day", "month", "year"}:
        raise _unlike(node, "Athena's intervals are of SECOND, MINUTE, HOUR, DAY, MONTH or YEAR")
    if _kind(left) == "timestamp":
        return node
    if unit not in _UNITS_OF_A_DATE:
        raise _unlike(node, f"Athena adds no {unit} to a date")
    return _cast(node.copy(), "date")


def _interval(node: exp.Interval) -> exp.Expr:
    if not isinstance(node.this, exp.Literal):
        raise _unlike(node, "write an interval as INTERVAL '1' DAY")
    return node


def _trunc(node: exp.TimestampTrunc) -> exp.Expr:
    _need(node, _TIMES, node.this)
    _unit(node, _UNITS)
    return _cast(node.copy(), "date") if _kind(node.this) == "date" else node


def _unit(node: exp.Expr, known: set[str]) -> str:
    unit = node.args["unit"].name.lower()
    if unit not in known:
        raise _unlike(node, f"the unit is one of {', '.join(sorted(known))}")
    return str(unit)


def _date_add(node: exp.DateAdd) -> exp.Expr:
    _need(node, _TIMES, node.this)
    _need(node, {"integer"}, node.expression)
    on_date = _kind(node.this) == "date"
    _unit(node, _UNITS_OF_A_DATE if on_date else _UNITS)
    return _cast(node.copy(), "date") if on_date else node


def _date_diff(node: exp.DateDiff) -> exp.Expr:
    _need(node, _TIMES, node.this, node.expression)
    unit = _unit(node, {"second", "minute", "hour", "day", "week"})
    since, until = (_cast(each.copy(), "timestamp") for each in (node.expression, node.this))
    return exp.Anonymous(this="date_sub", expressions=[exp.convert(unit), since, until])


_PARTS: dict[str, type[exp.Expr]] = {
    "year": exp.Year,
    "month": exp.Month,
    "day": exp.Day,
    "hour": exp.Hour,
    "minute": exp.Minute,
    "second": exp.Second,
}


def _extract(node: exp.Extract) -> exp.Expr:
    unit = node.name.lower()
    if unit not in _PARTS:
        raise _unlike(node, "it takes YEAR, MONTH, DAY, HOUR, MINUTE or SECOND")
    _need(node, _TIMES if unit in _UNITS_OF_A_DATE else {"timestamp"}, node.expression)
    return _PARTS[unit](this=node.expression.copy())


def _format(node: exp.TimeToStr | exp.StrToTime) -> exp.Expr:
    _need(node, {"text"} if isinstance(node, exp.StrToTime) else _TIMES, node.this)
    form = node.args["format"]
    signs = {part[:1] for part in form.name.replace("%%", "").split("%")[1:]}
    if not isinstance(form, exp.Literal) or not signs <= _FORMAT_SIGNS - (
        {"f"} if isinstance(node, exp.StrToTime) else set()
    ):
        raise _unlike(
            node, "the one-machine stack knows the signs %Y %m %d %H %i %s (and %f to write)"
        )
    return node


def _from_iso(node: exp.FromISO8601Timestamp) -> exp.Expr:
    _need(node, {"text"}, node.this)
    return _cast(_call("iso_8601", node.this.copy()), "timestamptz")


def _round(node: exp.Round) -> exp.Expr:
    if node.args.get("decimals"):
        raise _unlike(node, "the engines round to digits each in its way: round(x * 100) / 100")
    _need(node, _NUMBERS)
    return node


def _whole(node: exp.Floor | exp.Ceil) -> exp.Expr:
    _need(node, _NUMBERS)
    if node.args.get("decimals"):
        raise _unlike(node, "it takes one number")
    return exp.paren(node.this.copy()) if _kind(node.this) == "integer" else node


def _concat(node: exp.Concat) -> exp.Expr:
    _need(node, {"text"})
    first, *others = node.expressions
    joined = first.copy()
    for each in others:
        joined = exp.DPipe(this=joined, expression=each.copy(), safe=False)
    return exp.paren(joined)


def _text(name: str, *names: str, **defaults: int) -> Callable[[exp.Expr], exp.Expr]:
    """Return a handler that calls our function *name* with the arguments of these *names*."""

    def handler(node: exp.Expr) -> exp.Expr:
        extra = [
            key
            for key, value in node.args.items()
            if isinstance(value, exp.Expr) and key not in names
        ]
        if extra:
            raise _unlike(node, f"the one-machine stack does not know it with {extra[0]}")
        arguments: list[exp.Expr | int] = []
        for each in names:
            value = node.args.get(each)
            if value is None:
                arguments.append(defaults[each])
                continue
            _need(node, {"integer"} if each in _COUNTS else {"text"}, value)
            arguments.append(value.copy())
        return _call(name, *arguments)

    return handler


_COUNTS = {"start", "length", "part_index", "group"}


def _json(name: str) -> Callable[[exp.Expr], exp.Expr]:
    def handler(node: exp.Expr) -> exp.Expr:
        _need(node, {"text", "json"}, node.this)
        path = node.expression
        if isinstance(path, exp.JSONPath):
            path = exp.Literal.string(path.sql(Athena).strip("'"))
        return _call(name, node.this.copy(), path.copy())

    return handler


def _json_format(node: exp.JSONFormat) -> exp.Expr:
    _need(node, {"json"}, node.this)
    return exp.paren(node.this.copy())


def _anonymous(node: exp.Anonymous) -> exp.Expr:
    if node.name.lower() != "json_array_length" or len(node.expressions) != 1:
        raise _unlike(
            node,
            f"the one-machine stack does not know {node.name}, as its answer was never compared"
            " with Athena's. A deployed stack does: STACK_NAME=...",
        )
    _need(node, {"text", "json"}, *node.expressions)
    return _call("json_array_length", *(each.copy() for each in node.expressions))


def _by(name: str) -> Callable[[exp.Expr], exp.Expr]:
    def handler(node: exp.Expr) -> exp.Expr:
        if node.args.get("count"):
            raise _unlike(node, "the one-machine stack does not know it with a number of rows")
        return exp.Anonymous(this=name, expressions=[node.this.copy(), node.expression.copy()])

    return handler


def _approx_distinct(node: exp.ApproxDistinct) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]), big_int=True)


def _approx_percentile(node: exp.ApproxQuantile) -> exp.Expr:
    _need(node, _NUMBERS, node.this)
    quantile = node.args["quantile"]
    others = [key for key, value in node.args.items() if value and key not in ("this", "quantile")]
    if others or not isinstance(quantile, exp.Literal):
        raise _unlike(node, "the one-machine stack knows approx_percentile(x, 0.5) alone")
    return exp.Anonymous(this="quantile_disc", expressions=[node.this.copy(), quantile.copy()])


def _array_agg(node: exp.ArrayAgg) -> exp.Expr:
    if not isinstance(node.this, exp.Order):
        raise _unlike(node, "without an order, each engine has its own: array_agg(x ORDER BY y)")
    return node


def _bracket(node: exp.Bracket) -> exp.Expr:
    index = node.expressions[0]
    if not node.args.get("safe") or not isinstance(index, exp.Literal):
        raise _unlike(node, "Athena fails beyond the end; write element_at(array, 1)")
    return node


def _contains(node: exp.ArrayContains) -> exp.Expr:
    _need(node, {"array"}, node.this)
    return node


def _unnest(node: exp.Unnest) -> exp.Expr:
    """Spread rows into columns, as Athena does; DuckDB keeps each as one."""
    if node.args.get("offset") or len(node.expressions) != 1:
        raise _unlike(node, "the one-machine stack unnests one array, without ordinality")
    [array] = node.expressions
    _need(node, {"array"}, array)
    elements = array.type.expressions if array.type else []
    if not elements or elements[0].this != exp.DataType.Type.STRUCT:
        return node
    fields = [field.name for field in elements[0].expressions]
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias else []
    if len(names) != len(fields):
        raise _unlike(node, f"name each column: AS t ({', '.join(fields)})")
    inner = exp.select(exp.alias_(exp.Explode(this=array.copy()), "element"))
    spread = exp.select(
        *(
            exp.alias_(
                exp.Dot(
                    this=exp.to_identifier("element"),
                    expression=exp.to_identifier(field, quoted=True),
                ),
                name,
                quoted=True,
            )
            for field, name in zip(fields, names, strict=True)
        )
    ).from_(inner.subquery("elements"))
    return exp.Lateral(
        this=spread.subquery(), alias=exp.TableAlias(this=exp.to_identifier(node.alias))
    )


def _cast_to(node: exp.Cast) -> exp.Expr:
    """Cast as Trino does, or not at all."""
    source, target = _kind(node.this), node.to
    is_try = isinstance(node, exp.TryCast)
    of = exp.TryCast if is_try else exp.Cast
    wanted = next((kind for kind, types in _KINDS.items() if target.this in types), "unknown")
    if wanted == "array" and source == "json":
        return _cast_rows(node)
    if wanted == "text" and target.expressions:
        raise _unlike(node, "Athena cuts text to that length; cast to varchar, and use substr")
    if wanted not in {"text", "integer", "decimal", "double", "boolean", *_TIMES}:
        raise _unlike(node, "the one-machine stack does not know a cast to that type")
    to = exp.DataType.build("timestamp") if wanted == "timestamp" else target.copy()
    value = node.this.copy()
    match source, wanted:
        case ("null", _) | ("text", "text"):
            return of(this=value, to=to)
        case "text", _:
            return of(this=_call("castable", value, wanted, is_try), to=to)
        case "json", "text":
            return _call("json_extract_scalar", value, "$")
        case ("integer" | "boolean" | "decimal", "text" | "integer" | "decimal" | "double"):
            return of(this=value, to=to)
        case ("date", "text" | "date" | "timestamp") | ("timestamp", "date" | "timestamp"):
            return of(this=value, to=to)
        case "double", "double":
            return of(this=value, to=to)
        case "double", "integer" if isinstance(node.this, exp.Round | exp.Floor | exp.Ceil):
            return of(this=value, to=to)
        case "double", "integer":
            raise _unlike(
                node, "the engines round halves each in its way; CAST(round(x) AS bigint)"
            )
        case "timestamp", "text":
            raise _unlike(node, "each engine has its form; use date_format(x, '%Y-%m-%d %H:%i:%s')")
        case "json", _:
            raise _unlike(node, "take it as varchar by json_extract_scalar, and cast that")
    raise _unlike(node, f"the one-machine stack does not know a cast from {source} to {wanted}")


def _cast_rows(node: exp.Cast) -> exp.Expr:
    [element] = node.to.expressions
    if element.this in _KINDS["text"] and not element.expressions:
        names = ""
    elif element.this == exp.DataType.Type.STRUCT and all(
        isinstance(field, exp.ColumnDef) and field.args["kind"].this in _KINDS["text"]
        for field in element.expressions
    ):
        names = ",".join(field.name for field in element.expressions)
        if names != names.lower():
            raise _unlike(node, "write the fields in lower case")
    else:
        raise _unlike(
            node, "the one-machine stack casts to array(varchar) or array(row(name varchar, ...))"
        )
    rows = _cast(_call("json_rows", node.this.copy(), names), "json")
    return type(node)(this=rows, to=node.to.copy())


_HANDLERS: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.Select: _select,
    exp.Table: _table,
    exp.Join: _join,
    exp.Group: _group,
    exp.WindowSpec: _frame,
    exp.Div: _div,
    exp.Add: _add,
    exp.Sub: _add,
    exp.Interval: _interval,
    exp.TimestampTrunc: _trunc,
    exp.DateTrunc: _trunc,
    exp.DateAdd: _date_add,
    exp.DateDiff: _date_diff,
    exp.Extract: _extract,
    exp.TimeToStr: _format,
    exp.StrToTime: _format,
    exp.FromISO8601Timestamp: _from_iso,
    exp.Round: _round,
    exp.Floor: _whole,
    exp.Ceil: _whole,
    exp.Concat: _concat,
    exp.Lower: _text("lower", "this"),
    exp.Upper: _text("upper", "this"),
    exp.Substring: _text("substr", "this", "start", "length", length=-1),
    exp.SplitPart: _text("split_part", "this", "delimiter", "part_index"),
    exp.Replace: _text("replace", "this", "expression", "replacement"),
    exp.RegexpLike: _text("regexp_like", "this", "expression"),
    exp.RegexpExtract: _text("regexp_extract", "this", "expression", "group", group=0),
    exp.RegexpReplace: _text("regexp_replace", "this", "expression", "replacement"),
    exp.JSONExtractScalar: _json("json_extract_scalar"),
    exp.JSONExtract: _json("json_extract"),
    exp.JSONFormat: _json_format,
    exp.Anonymous: _anonymous,
    exp.ArgMin: _by("arg_min_null"),
    exp.ArgMax: _by("arg_max_null"),
    exp.ApproxDistinct: _approx_distinct,
    exp.ApproxQuantile: _approx_percentile,
    exp.ArrayAgg: _array_agg,
    exp.Bracket: _bracket,
    exp.ArrayContains: _contains,
    exp.Unnest: _unnest,
    exp.Cast: _cast_to,
    exp.TryCast: _cast_to,
}
