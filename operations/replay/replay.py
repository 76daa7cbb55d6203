"""Putting messages back: sent first, removed after, at a bounded rate."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .candidate import Candidate

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Wait = Callable[[], None]


def replay(
    candidates: Iterable[Candidate],
    sqs: "SQSClient",
    queue_url: str,
    wait: Wait,
    count: Counter[str],
) -> None:
    """Send every one of *candidates* to the queue and remove it from its place; count by reason.

    A crash between the two leaves a message in both places. It is then sent twice, and the
    uploader stores it once.
    """
    for candidate in candidates:
        wait()
        outgoing = candidate.load()
        arguments: dict[str, Any] = {"MessageGroupId": outgoing.group} if outgoing.group else {}
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=outgoing.body,
            MessageAttributes=outgoing.attributes,  # type: ignore[arg-type]
            **arguments,
        )
        candidate.discard()
        count[candidate.reason] += 1


def pace(
    per_second: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Wait:
    """Return what waits until the next message may be sent."""
    due = clock()

    def wait() -> None:
        nonlocal due
        sleep(max(0.0, due - clock()))
        due = max(due, clock() - 1) + 1 / per_second

    return wait
