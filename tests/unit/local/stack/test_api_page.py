"""The page to try the API stands beside the API, and hides nothing of it."""

from pathlib import Path

import pytest
from aiohttp import web

from local.stack import api_page


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package be there, with files that only have names."""
    monkeypatch.setattr(api_page, "assets", lambda: tmp_path)
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        (tmp_path / name).write_text("")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("path", ["/", "/health", "/openapi.json", "/_local", "/_local/api/../x"])
def test_every_other_path_is_the_apis(path: str) -> None:
    """What answers here must answer in an account too."""
    assert api_page.answer(path) is None


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["", "/start.js", "/swagger-ui.css", "/swagger-ui-bundle.js"])
def test_page_loads_nothing_from_elsewhere(name: str) -> None:
    """The stack speaks to loopback alone, and so does its page."""
    answer = api_page.answer(api_page.PATH + name)

    assert answer is not None
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if isinstance(answer, web.Response):
        assert "//" not in str(answer.text).replace("<!doctype", "")


def test_without_the_package_the_api_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its 404 says what there is."""
    monkeypatch.setattr(api_page, "assets", lambda: None)

    assert api_page.answer(api_page.PATH) is None
