"""The uploader's real handler, wired to the stand-ins."""

from collections.abc import Callable, Iterator

import pytest
from uploader.failures import SystemicError

from tests.faults.edge import Edge
from tests.faults.sqs import InvocationError, Invoke, Queue
from tests.support.execution import Function, set_environment
from tests.support.template import template, template_environment


def environment(edge: Edge, layout: str) -> dict[str, str]:
    """Return what the template would give the function, with *edge* in the place of AWS."""
    return template_environment(
        "uploader",
        AWS_ENDPOINT_URL=edge.url,
        POWERTOOLS_LOG_LEVEL="CRITICAL",
        MESSAGE_BUCKET_NAME="weir-messages",
        MESSAGE_QUEUE_URL=f"{edge.url}/123456789012/messages",
        STORAGE_LAYOUT=layout,
    )


@pytest.fixture
def edge() -> Iterator[Edge]:
    """Run a stand-in for S3 and SQS that works until told otherwise."""
    with Edge() as edge:
        yield edge


@pytest.fixture
def queue(edge: Edge) -> Queue:
    """Make a queue with the template's own numbers, its visibility changed through *edge*."""
    properties = template()["Resources"]["MessageQueue"]["Properties"]
    queue = Queue(
        visibility_timeout=properties["VisibilityTimeout"],
        max_receive_count=properties["RedrivePolicy"]["maxReceiveCount"],
    )
    edge.change_visibility = queue.change_visibility
    return queue


@pytest.fixture
def start(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Function]:
    """Return what starts the function for a storage layout."""

    def start(layout: str) -> Function:
        set_environment(monkeypatch, environment(edge, layout))
        return Function("uploader")

    return start


@pytest.fixture
def invoke(start: Callable[[str], Function]) -> Invoke:
    """Return the handler in the message layout, as the poller calls it."""
    return invoker(start("message"))


def invoker(function: Function) -> Invoke:
    """Return *function* as the poller calls it."""

    def invoke(event: dict[str, object]) -> dict[str, object]:
        try:
            answer: dict[str, object] = function(event)
        except SystemicError as error:
            raise InvocationError(str(error)) from error
        return answer

    return invoke
