"""What the functions' code says about itself: settings it reads, calls and metrics it makes."""

import ast
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from json import loads
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import latency_probe.methods as probe_methods
from latency_probe.measurement import measure
from latency_probe.publication import publish as publish_measurement
from latency_probe.sampling import Plan
from latency_probe.target import parse_targets
from uploader.delivery import read_deliveries
from uploader.layout import LAYOUTS
from uploader.report import publish as publish_upload
from uploader.upload import upload_batch

from tests.template.translator import ROOT

ENVIRONMENT_NAMES = {"env", "environ"}


class Handler(NamedTuple):
    """Where the template says that a function's code is."""

    code_uri: str
    name: str


@cache
def modules(package_folder: Path, module: str) -> dict[str, ast.Module]:
    """Return the syntax tree of *module* and of all that it imports from its own package."""
    found: dict[str, ast.Module] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = package_folder / f"{name}.py"
        if name in found or not path.exists():
            continue
        found[name] = ast.parse(path.read_text())
        for node in ast.walk(found[name]):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                waiting += [node.module] if node.module else [alias.name for alias in node.names]
    return found


@cache
def of_handler(handler: Handler) -> dict[str, ast.Module]:
    """Return the modules behind *handler*; empty if there is no such function."""
    package, module, function = handler.name.split(".")
    found = modules(ROOT / handler.code_uri / package, module)
    defined = (
        isinstance(node, ast.FunctionDef) and node.name == function
        for node in found.get(module, ast.Module([], [])).body
    )
    return found if any(defined) else {}


def _nodes(trees: dict[str, ast.Module]) -> Iterator[ast.AST]:
    for tree in trees.values():
        yield from ast.walk(tree)


@cache
def variables_read(handler: Handler) -> set[str]:
    """Return the names that are looked up in a mapping called env or environ."""
    names = set()
    for node in _nodes(of_handler(handler)):
        match node:
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name))):
                pass
            case ast.Call(
                func=ast.Attribute(value=mapping, attr="get"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                pass
            case _:
                continue
        last = mapping.attr if isinstance(mapping, ast.Attribute) else getattr(mapping, "id", "")
        if last in ENVIRONMENT_NAMES:
            names.add(name)
    return names


@cache
def operations(service: str) -> dict[str, str]:
    """Return the API operations of *service* by the name of the client's method."""
    client = boto3.client(service, region_name="eu-central-1")  # type: ignore[call-overload]
    mapping: dict[str, str] = client.meta.method_to_api_mapping
    return mapping


@cache
def operations_called(handler: Handler) -> set[str]:
    """Return `service:Operation` for every client method or paginator that the code names."""
    trees = of_handler(handler)
    constants = {
        node.value
        for node in _nodes(trees)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {node.attr for node in _nodes(trees) if isinstance(node, ast.Attribute)} | constants
    services = constants & {"s3", "sqs", "ssm"}
    return {
        f"{service}:{operation}"
        for service in services
        for method, operation in operations(service).items()
        if method in named
    }


@cache
def texts(handler: Handler) -> set[str]:
    """Return every text and keyword in the code: log messages and log keys are among them."""
    found = set()
    for node in _nodes(of_handler(handler)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


class RecordingMetrics:
    """Takes metrics as Powertools does, and keeps their names with the sets of dimensions."""

    def __init__(self, service: str) -> None:
        self._sets = [{"service": service}]
        self._names: set[str] = set()

    def add_dimension(self, name: str, value: str) -> None:
        """Add a dimension to the first set."""
        self._sets[0][name] = value

    def add_dimensions(self, **dimensions: str) -> None:
        """Add a further set."""
        self._sets.append(dimensions)

    def add_metadata(self, key: str, value: Any) -> None:
        """Take no metadata."""

    def add_metric(self, name: str, *_: object) -> None:
        """Keep the metric's name."""
        self._names.add(name)

    def flush_metrics(self) -> None:
        """Write nothing."""

    def published(self) -> set[tuple[str, str, frozenset[str]]]:
        """Return service, metric and names of the dimensions, for each set of them."""
        return {
            (dimensions["service"], name, frozenset(dimensions))
            for dimensions in self._sets
            for name in self._names
        }


@cache
def metrics_published() -> set[tuple[str, str, frozenset[str]]]:
    """Return every metric of the namespace Weir: service, name and the names of its dimensions.

    Uploader and probe are run for it; the validator names its metrics in so many words.
    """
    uploader = RecordingMetrics("uploader")
    event = loads((ROOT / "events/uploader/batch.json").read_text())
    layout = next(iter(LAYOUTS.values()))
    upload = upload_batch(read_deliveries(event), lambda _: True, layout, thread_count=1, seconds=5)
    publish_upload(upload, uploader, lambda: datetime.now(UTC))  # type: ignore[arg-type]

    probe = RecordingMetrics("latency_probe")
    with socket.create_server(("127.0.0.1", 0)) as server:
        targets = parse_targets(f"127.0.0.1:{server.getsockname()[1]}")
        plan = Plan(sample_count=2, interval_seconds=0, timeout_seconds=0.5)
        for measurement in measure(targets, probe_methods.choose("tcp"), plan, 5):
            publish_measurement(measurement, None, probe)

    validator = {
        (service, name, frozenset({"service"}))
        for service, module in (("validator", "handler"), ("authorizer", "authorizer"))
        for name in _metrics_named(modules(ROOT / "functions/validator/validator", module))
    }
    return uploader.published() | probe.published() | validator


def _metrics_named(trees: dict[str, ast.Module]) -> Iterator[str]:
    for node in _nodes(trees):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="add_metric"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name


def quoted(query: str) -> set[str]:
    """Return the texts in double quotes of a Logs Insights query."""
    return set(re.findall(r'"([^"]*)"', query))
