"""The uploader's real handler, wired to the stand-ins."""

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from uploader.failures import SystemicError

from tests.faults.edge import Edge
from tests.faults.function import Context
from tests.faults.sqs import InvocationError, Invoke, Queue

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def environment(edge: Edge, layout: str) -> dict[str, str]:
    """Return what the template would give the function, with *edge* in the place of AWS."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": edge.url,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "POWERTOOLS_SERVICE_NAME": "uploader",
        "POWERTOOLS_METRICS_NAMESPACE": "Weir",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "MESSAGE_BUCKET_NAME": "weir-messages",
        "MESSAGE_QUEUE_URL": f"{edge.url}/123456789012/messages",
        "STORAGE_LAYOUT": layout,
    }


@pytest.fixture
def edge() -> Iterator[Edge]:
    """Run a stand-in for S3 and SQS that works until told otherwise."""
    with Edge() as edge:
        yield edge


@pytest.fixture
def queue(edge: Edge) -> Queue:
    """Make a queue with the template's own numbers, its visibility changed through *edge*."""
    template = TEMPLATE.read_text()
    queue = Queue(
        visibility_timeout=_number(template, "VisibilityTimeout"),
        max_receive_count=_number(template, "maxReceiveCount"),
    )
    edge.change_visibility = queue.change_visibility
    return queue


@pytest.fixture
def cold_start(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Return what imports the handler anew for a storage layout."""

    def start(layout: str) -> ModuleType:
        for name, value in environment(edge, layout).items():
            monkeypatch.setenv(name, value)
        sys.modules.pop("uploader.handler", None)
        return importlib.import_module("uploader.handler")

    return start


@pytest.fixture
def invoke(cold_start: Callable[[str], ModuleType]) -> Invoke:
    """Return the handler in the message layout, as the poller calls it."""
    return invoker(cold_start("message"))


def invoker(module: ModuleType) -> Invoke:
    """Return *module*'s handler as the poller calls it."""

    def invoke(event: dict[str, object]) -> dict[str, object]:
        try:
            answer: dict[str, object] = module.lambda_handler(event, Context())
        except SystemicError as error:
            raise InvocationError(str(error)) from error
        return answer

    return invoke


def _number(template: str, name: str) -> int:
    found = re.search(rf"^ *{name}: (\d+)", template, re.MULTILINE)
    assert found, f"{name} is not in the template"
    return int(found[1])
