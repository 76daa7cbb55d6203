"""The page to browse and try the API is at the API's own address, and the API is as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from local.stack.api_page import PATH


def test_page_and_its_files_are_beside_the_api(
    one_machine: dict[str, str], call: Callable[..., Any]
) -> None:
    """The API allows no other origin, so a page elsewhere could only show it."""
    page = call("GET", PATH)
    if page.status == 404:
        pytest.skip("fastapi-offline is not installed in .venv-emulator")

    assert (page.status, call("GET", f"{PATH}/swagger-ui-bundle.js").status) == (200, 200)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert call("GET", "/openapi.json").status == 200
    assert call("POST", PATH).status in (404, 405)
