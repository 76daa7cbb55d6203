"""Functions that answer as Athena's engine does; the queries of test_dialect use most of them."""

import json

import pytest

from operations.query import trino


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (100.0, "100.0"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (12_345_678.9, "1.23456789E7"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (-2.5e-10, "-2.5E-10"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_double_is_written_as_java_writes_it(value: float, text: str) -> None:
    """Double.toString: plain from a thousandth up to ten million, else with an exponent."""
    assert trino.double_text(value) == text


def test_a_copy_of_json_is_as_trino_makes_it() -> None:
    """A fraction goes by way of a double; integers, order, names that stand twice stay."""
    text = (
        '{"b" : 1.10, "a":[123456789012345678901234567890, -0, 1e2, null, true],'
        ' "a": "\\u00e9\\u0001\\/"}'
    )

    copied = trino.json_extract(text, "$")

    assert copied == (
        '{"b":1.1,"a":[123456789012345678901234567890,0,100.0,null,true],"a":"é\\u0001/"}'
    )
    assert trino.json_extract_scalar(text, "$.b") == "1.10"
    assert trino.json_extract(text, "$.a[0]") == "123456789012345678901234567890"


@pytest.mark.parametrize("text", ["", "{", '{"a": 1} x', "NaN", '{"a": Infinity}', "[" * 100_000])
def test_what_is_not_json_is_not_guessed_at(text: str) -> None:
    """Athena reads up to the fault, and nobody here knows how far that is."""
    with pytest.raises(trino.UnlikeError, match="not JSON"):
        trino.json_extract_scalar(text, "$.a")


@pytest.mark.parametrize("path", ["a", "$.", "$..a", "$.a[*]", "$[-1]", "lax $.a", "$['a']", "$.é"])
def test_an_unknown_path_is_refused(path: str) -> None:
    """A path that is read otherwise would be NULL, silently."""
    with pytest.raises(trino.UnlikeError, match="no JSON path of this form"):
        trino.json_extract("{}", path)


def test_a_number_beyond_a_double_is_refused_in_a_copy() -> None:
    """Its own path keeps it."""
    with pytest.raises(trino.UnlikeError, match="beyond a double"):
        trino.json_extract('{"a": 1e400}', "$")
    assert trino.json_extract_scalar('{"a": 1e400}', "$.a") == "1e400"


def test_rows_have_the_asked_members_alone() -> None:
    """A member that is not there is NULL, and one that was not asked for is left out."""
    rows = trino.json_rows('[{"a": 1, "z": {}}, {"b": "x"}, null]', "a,b")

    assert json.loads(str(rows)) == [{"a": "1", "b": None}, {"a": None, "b": "x"}, None]


@pytest.mark.parametrize(
    ("text", "names"), [("{}", ""), ("[1]", "a"), ("[[]]", ""), ('[{"A": 1}]', "a")]
)
def test_rows_that_athena_would_make_otherwise_are_refused(text: str, names: str) -> None:
    """Each of these is an error there, or not known."""
    with pytest.raises(trino.UnlikeError):
        trino.json_rows(text, names)


@pytest.mark.parametrize("pattern", [r"\p{L}", "[a&&b]", "(?P<n>a)", r"a\Z", "(", "[[:alpha:]]"])
def test_patterns_that_mean_something_else_here_are_refused(pattern: str) -> None:
    """Python's expressions are close to Joni's, and these are not."""
    with pytest.raises(trino.UnlikeError):
        trino.regexp_like("a", pattern)


def test_replacements_know_groups_and_escapes() -> None:
    """As Java's Matcher has it."""
    assert trino.regexp_replace("ab", "(a)(b)?", r"\$$2$1\\") == "$ba\\"
    with pytest.raises(trino.UnlikeError, match="replacement"):
        trino.regexp_replace("a", "a", "${name}")


def test_null_gives_null() -> None:
    """SQL's own rule, which DuckDB leaves to these functions."""
    assert trino.substr(None, 1, 1) is None
    assert trino.split_part("a", None, 1) is None
    assert trino.replace("a", "b", None) is None
    assert trino.json_extract(None, "$") is None
    assert trino.castable(None, "integer", is_try=False) is None
    assert trino.iso_8601(None) is None
