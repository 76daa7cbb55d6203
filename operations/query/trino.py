"""Functions of Athena's engine, Trino, for DuckDB, which has others of the same name.

Each follows Trino's documentation, and its source where that is silent. Where it is not known what
Trino would answer, it is an UnlikeError, so that no other answer passes for Athena's.
https://trino.io/docs/current/functions.html
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection
from duckdb.func import FunctionNullHandling
from duckdb.sqltypes import BIGINT, BOOLEAN, VARCHAR, DuckDBPyType

PREFIX = "trino_"
_MOST_CHARACTERS = 100


class UnlikeError(Exception):
    """The value is one for which DuckDB would not answer as Athena does."""


class Number(str):
    """A JSON number, as it is written."""

    __slots__ = ()


class Object(list[tuple[str, Any]]):
    """A JSON object: its members in their order, and every one of a name that stands twice."""

    __slots__ = ()


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=_not_json, object_pairs_hook=Object
)
_PATH = re.compile(r"\$((\.[A-Za-z0-9_]+|\[[0-9]+\]|\[\"[^\"\\]+\"\])*)")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[([0-9]+)\]|\[\"([^\"\\]+)\"\]")


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        shown = text[:_MOST_CHARACTERS]
        raise UnlikeError(
            f"This is not JSON, and Athena would read it up to its fault: {shown!r}"
        ) from None


@lru_cache(maxsize=256)
def _steps(path: str) -> list[str]:
    found = _PATH.fullmatch(path)
    if not found:
        raise UnlikeError(
            f"The one-machine stack knows no JSON path of this form: {path!r}. It knows $.name,"
            ' $["name"] and $[0].'
        )
    return ["".join(step) for step in _STEP.findall(found[1])]


_MISSING = object()


def _at(text: str, path: str) -> Any:
    """Return the value at *path*; the first member of a name counts."""
    value = _parsed(text)
    for step in _steps(path):
        if isinstance(value, Object):
            value = next((member for name, member in value if name == step), _MISSING)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def json_extract_scalar(text: str | None, path: str | None) -> str | None:
    """Return the text of a scalar, a number as it is written; None for anything else."""
    if text is None or path is None:
        return None
    value = _at(text, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else None


def json_extract(text: str | None, path: str | None) -> str | None:
    """Return the JSON text of the value at *path*, as Trino writes it again."""
    if text is None or path is None:
        return None
    value = _at(text, path)
    return None if value is _MISSING else written(value)


def json_array_length(text: str | None) -> int | None:
    """Return the number of elements, None if *text* is not an array."""
    if text is None:
        return None
    value = _parsed(text)
    return len(value) if isinstance(value, list) and not isinstance(value, Object) else None


def json_rows(text: str | None, names: str) -> str | None:
    """Return an array of objects with the members *names* (by commas) alone, each one text.

    Without names, it is an array of texts. DuckDB casts the result to its own types.
    """
    if text is None:
        return None
    value = _parsed(text)
    if not isinstance(value, list) or isinstance(value, Object):
        raise UnlikeError("Athena refuses to cast JSON that is not an array to an array")
    wanted = names.split(",") if names else []
    rows: list[Any] = []
    for element in value:
        if not wanted:
            rows.append(_leaf(element))
        elif element is None:
            rows.append(None)
        elif not isinstance(element, Object):
            raise UnlikeError("Athena takes an array of objects for an array of rows")
        else:
            members = dict(reversed(element))
            if any(name.lower() in wanted and name not in wanted for name in members):
                raise UnlikeError("A member's name has capital letters; take it by its JSON path")
            rows.append({name: _leaf(members.get(name)) for name in wanted})
    return json.dumps(rows)


def _leaf(value: Any) -> str | None:
    if isinstance(value, list):
        raise UnlikeError("Athena refuses to cast an array or an object to varchar")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(_number(value) if isinstance(value, Number) else value)


def written(value: Any) -> str:
    """Return JSON text as Trino writes it: compact, a fraction by way of a double."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Number():
            return _number(value)
        case str():
            return '"' + re.sub(r'["\\\x00-\x1f]', _escaped, value) + '"'
        case Object():
            members = (f"{written(name)}:{written(member)}" for name, member in value)
            return "{" + ",".join(members) + "}"
        case _:
            return "[" + ",".join(map(written, value)) + "]"


_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0], f"\\u{ord(found[0]):04X}")


def _number(text: str) -> str:
    if not re.search("[.eE]", text):
        return "0" if text == "-0" else str(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UnlikeError("A number is beyond a double; take it by its own JSON path")
    return double_text(value)


def double_text(value: float) -> str:
    """Return *value* as Java writes a double: 0.5, 1.0E10, NaN, -Infinity."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, point = _decimal(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        whole = digits[:point].ljust(max(point, 0), "0") or "0"
        fraction = "0" * max(-point, 0) + digits[max(point, 0) :]
        return f"{sign}{whole}.{fraction or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _decimal(value: float) -> tuple[str, str, int]:
    """Return sign, shortest digits, and where the decimal point stands among them."""
    mantissa, _, exponent = f"{abs(value)!r}e0".partition("e")
    shift = int(exponent.split("e")[0])
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    sign = "-" if str(value).startswith("-") else ""
    return sign, digits.rstrip("0") or "0", len(whole) - leading + shift if digits else 1


def substr(text: str | None, start: int | None, length: int | None) -> str | None:
    """Return *length* characters (all, if -1) from *start*, counted from 1, or from the end."""
    if text is None or start is None or length is None:
        return None
    at = start - 1 if start > 0 else len(text) + start
    if start == 0 or not 0 <= at <= len(text):
        return ""
    return text[at:] if length == -1 else text[at : at + max(length, 0)]


def split_part(text: str | None, delimiter: str | None, index: int | None) -> str | None:
    """Return the part number *index*, from 1; None beyond the last."""
    if text is None or delimiter is None or index is None:
        return None
    if index < 1 or not delimiter:
        raise UnlikeError("split_part needs a delimiter, and an index from 1")
    parts = text.split(delimiter)
    return parts[index - 1] if index <= len(parts) else None


def replace(text: str | None, search: str | None, by: str | None) -> str | None:
    """Return *text* with each *search* replaced."""
    return None if text is None or search is None or by is None else text.replace(search, by)


def lower(text: str | None) -> str | None:
    """Return *text* in lower case, character by character."""
    return None if text is None else "".join(map(_lowered, text))


def upper(text: str | None) -> str | None:
    """Return *text* in upper case, character by character: `ß` stays."""
    return None if text is None else "".join(map(_raised, text))


def _lowered(character: str) -> str:
    changed = character.lower()
    return changed if len(changed) == 1 else character


def _raised(character: str) -> str:
    changed = character.upper()
    return changed if len(changed) == 1 else character


# Where Python's expressions and those of Trino mean different things by the same signs.
_UNLIKE_PATTERN = re.compile(r"\\[pPhHQEGRXZzNkgK]|&&|\[\[|\(\?[P(]|\[:")


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    if found := _UNLIKE_PATTERN.search(pattern):
        raise UnlikeError(f"The one-machine stack does not know {found[0]!r} in {pattern!r}")
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnlikeError(f"The one-machine stack cannot read {pattern!r}: {error}") from None


def regexp_like(text: str | None, pattern: str | None) -> bool | None:
    """Return whether *pattern* is found anywhere in *text*."""
    if text is None or pattern is None:
        return None
    return _pattern(pattern).search(text) is not None


def regexp_extract(text: str | None, pattern: str | None, group: int | None) -> str | None:
    """Return *group* of the first match; None if nothing matches."""
    if text is None or pattern is None or group is None:
        return None
    compiled = _pattern(pattern)
    if not 0 <= group <= compiled.groups:
        raise UnlikeError(f"Pattern has {compiled.groups} groups. Cannot access group {group}")
    found = compiled.search(text)
    return found[group] if found else None


def regexp_replace(text: str | None, pattern: str | None, by: str | None) -> str | None:
    r"""Return *text* with each match replaced; `$1` is a group, `\$` a dollar sign."""
    if text is None or pattern is None or by is None:
        return None
    parts = re.findall(r"\\(.)|\$([0-9])|([^\\$]+)|(.)", by, re.DOTALL)
    if any(unread for *_, unread in parts):
        raise UnlikeError(f"The one-machine stack cannot read the replacement {by!r}")

    def replaced(found: re.Match[str]) -> str:
        return "".join(
            escaped or plain or (found[int(group)] or "") for escaped, group, plain, _ in parts
        )

    return _pattern(pattern).sub(replaced, text)


_FORMS = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    "double": re.compile(r"[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|Infinity)|NaN"),
    "boolean": re.compile(r"(?i:true|false|t|f|1|0)"),
    "date": re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
    "timestamp": re.compile(
        r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,6})?)?"
    ),
}


def castable(text: str | None, form: str, is_try: bool) -> str | None:
    """Return *text* if Trino casts it to *form*; else None if *is_try*, and an error if not."""
    if text is None or _FORMS[form].fullmatch(text):
        return text
    if is_try:
        return None
    raise UnlikeError(
        f"Cannot cast {text[:_MOST_CHARACTERS]!r} to {form}. TRY_CAST gives NULL instead."
    )


def iso_8601(text: str | None) -> str | None:
    """Return *text* if it is a time with a zone that DuckDB reads as Trino does."""
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)"
    if text is None or re.fullmatch(form, text, re.ASCII):
        return text
    raise UnlikeError(
        f"{text[:_MOST_CHARACTERS]!r} is not a time in the form 2026-01-15T10:20:30.123Z, which is"
        " what the one-machine stack reads"
    )


class _Function(NamedTuple):
    call: Callable[..., Any]
    takes: list[DuckDBPyType]
    returns: DuckDBPyType


FUNCTIONS = (
    _Function(json_extract_scalar, [VARCHAR, VARCHAR], VARCHAR),
    _Function(json_extract, [VARCHAR, VARCHAR], VARCHAR),
    _Function(json_array_length, [VARCHAR], BIGINT),
    _Function(json_rows, [VARCHAR, VARCHAR], VARCHAR),
    _Function(substr, [VARCHAR, BIGINT, BIGINT], VARCHAR),
    _Function(split_part, [VARCHAR, VARCHAR, BIGINT], VARCHAR),
    _Function(replace, [VARCHAR, VARCHAR, VARCHAR], VARCHAR),
    _Function(lower, [VARCHAR], VARCHAR),
    _Function(upper, [VARCHAR], VARCHAR),
    _Function(regexp_like, [VARCHAR, VARCHAR], BOOLEAN),
    _Function(regexp_extract, [VARCHAR, VARCHAR, BIGINT], VARCHAR),
    _Function(regexp_replace, [VARCHAR, VARCHAR, VARCHAR], VARCHAR),
    _Function(castable, [VARCHAR, VARCHAR, BOOLEAN], VARCHAR),
    _Function(iso_8601, [VARCHAR], VARCHAR),
)


def add_to(engine: DuckDBPyConnection) -> None:
    """Give *engine* the functions, each under its name with `trino_` before it."""
    for function in FUNCTIONS:
        engine.create_function(
            PREFIX + function.call.__name__,
            function.call,
            list(function.takes),
            function.returns,
            null_handling=FunctionNullHandling.SPECIAL,
        )
