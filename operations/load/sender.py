"""A sender, as the load tool runs many of them."""

import random
from collections.abc import Iterator
from typing import Any

import gevent  # type: ignore[import-untyped]
from locust import FastHttpUser, task  # type: ignore[import-not-found]

from .ledger import Ledger
from .profile import Profile

IDLE_SECONDS = 0.2


class Gate:
    """Open while senders may send; the run closes it when too much waits in the queue."""

    def __init__(self) -> None:
        self.open = True


def sender(api_url: str, token: str, profile: Profile, ledger: Ledger, gate: Gate) -> type[Any]:
    """Return the class of the senders that send *profile* and keep the *ledger*."""
    headers = {"Authorization": f"Bearer {token}"}
    weights = [shape.weight for shape in profile.shapes]

    class Sender(FastHttpUser):  # type: ignore[misc]
        host = api_url

        @task  # type: ignore[untyped-decorator]
        def send(self) -> None:
            (shape,) = random.choices(profile.shapes, weights)  # noqa: S311 (no secret)
            taken = ledger.take(shape.size) if gate.open else range(0)
            if not taken:
                gevent.sleep(IDLE_SECONDS)
                return
            with self.client.post(
                shape.path,
                json=shape.body(taken),
                headers=headers,
                name=shape.name,
                catch_response=True,
            ) as answer:
                ids = list(accepted_ids(answer))
                ledger.enter(taken, ids, reason_of(answer))
                if len(ids) < len(taken):
                    answer.failure(f"{answer.status_code}: accepted {len(ids)} of {len(taken)}")

    return Sender


def accepted_ids(answer: Any) -> Iterator[str]:
    """Yield the id of each message that *answer* promises to store."""
    if answer.status_code not in (202, 207):
        return
    document = answer.json()
    for receipt in document.get("results", [document]):
        if receipt.get("status") == "queued":
            yield receipt["message_id"]


def reason_of(answer: Any) -> str:
    """Return in a few words why *answer* does not promise to store everything."""
    if not answer.status_code:
        return f"no answer ({type(answer.error).__name__})"
    try:
        title = answer.json().get("title", "")
    except (ValueError, AttributeError):
        title = ""
    return f"{answer.status_code} {title}".strip()
