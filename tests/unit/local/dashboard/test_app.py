"""The page's application answers with sentences when it has no figures, and guards the page."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from local.dashboard import dashboard_app

if TYPE_CHECKING:
    from .conftest import FakeCloudWatch

TEXT = {"type": "text", "properties": {"markdown": "up"}}


def get(cloudwatch: "FakeCloudWatch", path: str) -> tuple[int, Any, str]:
    """Return status, headers and text of one answer."""

    async def ask() -> tuple[int, Any, str]:
        server = TestServer(dashboard_app(cloudwatch))  # type: ignore[arg-type]
        async with TestClient(server) as client:
            answer = await client.get(path)
            return answer.status, answer.headers, await answer.text()

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css", "/plotly.js"])
def test_every_file_of_the_page_is_there_and_guarded(
    cloudwatch: "FakeCloudWatch", path: str
) -> None:
    """All of it comes from this process, and the policy lets nothing else in."""
    status, headers, text = get(cloudwatch, path)

    assert status == 200
    assert text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_first_dashboard_is_shown_unless_another_is_asked_for(
    cloudwatch: "FakeCloudWatch",
) -> None:
    """One stack deploys one dashboard; a second stack may stand beside it."""
    cloudwatch.put_dashboard("first", TEXT)
    cloudwatch.put_dashboard("second", TEXT)

    assert '"name": "first"' in get(cloudwatch, "/figures")[2]
    assert '"name": "second"' in get(cloudwatch, "/figures?dashboard=second&minutes=15")[2]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/figures", 404), ("/figures?minutes=0", 400), ("/figures?minutes=-1", 400),
     ("/figures?minutes=21601", 400), ("/figures?minutes=%C2%B2", 400),
     (f"/figures?minutes={'9' * 5000}", 400)],
)  # fmt: skip
def test_no_figures_are_explained(cloudwatch: "FakeCloudWatch", path: str, status: int) -> None:
    """The page starts before anything is deployed."""
    found, _, text = get(cloudwatch, path)

    assert found == status
    assert '"error"' in text


def test_a_silent_emulator_is_said_to_be_silent(cloudwatch: "FakeCloudWatch") -> None:
    """Old figures on the page must not be taken for new ones."""
    cloudwatch.down = True

    assert get(cloudwatch, "/figures")[0] == 503


def test_a_body_that_is_no_json_is_named(cloudwatch: "FakeCloudWatch") -> None:
    """The emulator takes any body."""
    cloudwatch.bodies["broken"] = "{"

    status, _, text = get(cloudwatch, "/figures")

    assert status == 502
    assert "no JSON" in text


def test_runbook_has_a_place_for_each_alarm(cloudwatch: "FakeCloudWatch") -> None:
    """A red card links to its section."""
    status, _, text = get(cloudwatch, "/runbook")

    assert status == 200
    assert 'id="uploadererrorsalarm"' in text
    assert "&lt;!--" not in text


def test_only_documents_are_served(cloudwatch: "FakeCloudWatch") -> None:
    """A path must not lead out of docs/."""
    assert get(cloudwatch, "/scaling.md")[0] == 200
    for path in ("/nothing.md", "/..%2FREADME.md", "/%2e%2e/README.md"):
        assert get(cloudwatch, path)[0] == 404
