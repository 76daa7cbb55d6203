"""Both releases side by side, 0.1.0 and this one, as during a gradual deployment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.validator.conftest import TOKEN, Api
from tests.integration.validator.edge import Edge
from tests.integration.validator.test_clients import CACHE_SECONDS, KEY, bearing, entry
from tests.support.released import HistoryMissingError, extract

# The package under another name, so that both can be imported.
PACKAGE = "validator_of_0_1_0"
OTHER = "a-token-of-globex"


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the package of 0.1.0's validator."""
    try:
        extract(tmp_path, "functions/validator")
    except HistoryMissingError as error:
        pytest.skip(str(error))
    (tmp_path / "functions" / "validator" / "validator").rename(tmp_path / PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    return PACKAGE


@pytest.fixture
def both(start_api: Callable[..., Api], released: str) -> dict[str, Api]:
    """Return both validators."""
    return {"0.1.0": start_api(released), "this": start_api()}


def statuses(both: dict[str, Api], event: dict[str, Any]) -> dict[str, int]:
    """Return what each answers to *event*."""
    return {name: api(event)[0] for name, api in both.items()}


def wait(both: dict[str, Api]) -> None:
    """Let the time pass after which each reads the tokens again."""
    both["this"].wait(2 * CACHE_SECONDS)  # the clock is one for both


def test_a_plain_token_is_known_to_both(both: dict[str, Api]) -> None:
    """Whoever upgrades has nothing to do."""
    assert statuses(both, bearing(TOKEN)) == {"0.1.0": 202, "this": 202}


def test_an_entry_is_known_to_this_release_alone(both: dict[str, Api], edge: Edge) -> None:
    """So `make token` writes none before the deployment is over; no other client is touched."""
    edge.tokens |= {"acme": entry(), "globex": OTHER}
    wait(both)

    assert statuses(both, bearing(TOKEN)) == {"0.1.0": 401, "this": 202}
    assert statuses(both, bearing(OTHER)) == {"0.1.0": 202, "this": 202}


def test_a_suspended_client_gets_into_neither(both: dict[str, Api], edge: Edge) -> None:
    """A rollback must not let in again who was locked out."""
    edge.tokens["acme"] = entry(suspended=True)
    wait(both)

    assert statuses(both, bearing(TOKEN)) == {"0.1.0": 401, "this": 403}


def test_a_token_that_is_written_back_in_plain_is_known_to_both(
    both: dict[str, Api], edge: Edge
) -> None:
    """`make token ACTION=plain` before a rollback."""
    edge.tokens["acme"] = entry()
    wait(both)
    assert statuses(both, bearing(TOKEN))["0.1.0"] == 401

    edge.tokens["acme"] = TOKEN
    wait(both)

    assert statuses(both, bearing(TOKEN)) == {"0.1.0": 202, "this": 202}


@pytest.mark.parametrize(("first", "second"), [("0.1.0", "this"), ("this", "0.1.0")])
def test_a_key_that_is_retried_at_the_other_is_one_message(
    both: dict[str, Api], first: str, second: str
) -> None:
    """Lambda chooses the release for each request; the sender does not know of it."""
    sent = both[first](bearing(TOKEN, **KEY))
    again = both[second](bearing(TOKEN, **KEY))

    assert (sent[0], again[0]) == (202, 202)
    assert sent[1]["message_id"] == again[1]["message_id"]


def test_a_key_keeps_its_body_at_the_other(both: dict[str, Api]) -> None:
    """A key stands for one message, whichever release is asked."""
    both["this"](bearing(TOKEN, **KEY))
    event = bearing(TOKEN, **KEY)
    event["body"] = json.dumps({"data": {"email_timestream": "1"}})

    assert statuses(both, event) == {"0.1.0": 409, "this": 409}
