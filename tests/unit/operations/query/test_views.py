"""The statements of the views: whole, of Athena's dialect, and named apart."""

import pytest
import sqlglot
from sqlglot import exp

from operations.query import views
from operations.query.tables import saved_queries


def test_every_statement_parses_in_athenas_dialect() -> None:
    """By a maintained parser, as nothing here runs Athena."""
    statements = sqlglot.parse(views.FILE.read_text(), read="athena")
    made = [each for each in statements if each is not None]

    assert [each.key for each in made] == ["create"] * len(views.views())
    assert all(isinstance(each, exp.Create) and each.kind == "VIEW" for each in made)
    assert [each.this.name for each in made] == list(views.views())
    assert not any(each.find(exp.Command) for each in made)


@pytest.mark.parametrize("name", saved_queries())
def test_every_saved_query_parses_in_athenas_dialect(name: str) -> None:
    """The console shows these first."""
    assert isinstance(sqlglot.parse_one(saved_queries()[name].sql, read="athena"), exp.Query)


def test_contracts_whose_views_would_have_one_name_are_refused() -> None:
    """One view would replace the other, or a table."""
    for names in (["a-b", "a-b "[:3].replace("-", "_")], ["raw-messages"], ["all-messages"]):
        with pytest.raises(views.TakenNameError, match="Give its class another name"):
            views.statements({name: {} for name in names})


def test_a_keyword_can_be_a_contract() -> None:
    """`Order` and `Group` are likely names."""
    text = views.statements({"order": {"properties": {"select": {"type": "string"}}}})

    assert "order" in views.views(text)
    assert all(sqlglot.parse(text, read="athena"))


def test_the_one_machine_stack_needs_no_views_brought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever forgets STACK_NAME hears what it is for."""
    monkeypatch.setattr("sys.argv", ["views"])

    with pytest.raises(SystemExit, match="has its views already"):
        views.main()
