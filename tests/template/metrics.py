"""The metrics that the functions publish: their reporting code is run for it."""

import ast
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from json import loads
from typing import Any

from aws_lambda_powertools import Logger
from latency_probe.measurement import measure
from latency_probe.probes import methods as probe_methods
from latency_probe.sampling import Plan
from latency_probe.target import parse_targets
from latency_probe.telemetry import publish as publish_measurement
from latency_probe.telemetry import publish_shared
from uploader.record import read_records
from uploader.settings import StorageLayout
from uploader.store import store_batch
from uploader.telemetry import publish as publish_outcome
from validator.intake.queue import Sent
from validator.telemetry import Telemetry
from validator.tokens.store import TokenStore

from operations.project import ROOT
from tests.support.template import template
from tests.template.source import modules, nodes


class RecordingMetrics:
    """Takes metrics as Powertools does, and keeps their names with the sets of dimensions."""

    def __init__(self, service: str) -> None:
        self._default = default_dimensions(service)
        self._sets = [self._default | {"service": service}]
        self._names: set[str] = set()

    def add_dimension(self, name: str, value: str) -> None:
        """Add a dimension to the first set."""
        self._sets[0][name] = value

    def add_dimensions(self, **dimensions: str) -> None:
        """Add a further set."""
        self._sets.append(self._default | dimensions)

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

    What reports them is run for it; authorizer and canary name theirs in so many words.
    """
    uploader = RecordingMetrics("uploader")
    event = loads((ROOT / "events/uploader/batch.json").read_text())
    layout = StorageLayout.MESSAGE
    outcome = store_batch(read_records(event), lambda _: True, layout, thread_count=1, seconds=5)
    publish_outcome(outcome, uploader, datetime.now(UTC))  # type: ignore[arg-type]

    probe = RecordingMetrics("latency_probe")
    with socket.create_server(("127.0.0.1", 0)) as server:
        targets = parse_targets(f"127.0.0.1:{server.getsockname()[1]}")
        plan = Plan(sample_count=2, interval_seconds=0, timeout_seconds=0.5)
        measurements = measure(targets, probe_methods.choose("tcp"), plan, 5)
    for measurement in measurements:
        publish_measurement(measurement, None, None, probe)  # type: ignore[arg-type]
    shared = RecordingMetrics("latency_probe")
    publish_shared(measurements, [1.0], shared)  # type: ignore[arg-type]

    validator = RecordingMetrics("validator")
    telemetry = Telemetry(Logger(service="validator"), validator, lambda: 60_000)  # type: ignore[arg-type]
    telemetry.sent(Sent({"an id"}, 0), 1)
    TokenStore(dict, lambda: 60, lambda *_: None, telemetry.counted).identify("a guess")
    telemetry.taken([], "acme", "0c83f57c", "email")

    named = {
        (service, name, frozenset({"service", *default_dimensions(service)}))
        for service in ("authorizer", "canary")
        for name in _metrics_named(
            modules(
                ROOT / f"functions/{HANDLERS[service][0]}" / HANDLERS[service][0],
                HANDLERS[service][1],
            )
        )
    }
    access_log = {
        ("api", made["MetricName"], frozenset(dimension["Key"] for dimension in made["Dimensions"]))
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Logs::MetricFilter"
        for made in resource["Properties"]["MetricTransformations"]
    }
    recorders = (uploader, probe, shared, validator)
    return (named | access_log).union(*(recorder.published() for recorder in recorders))


# The module in which each service makes its metrics.
HANDLERS = {
    "authorizer": ("validator", "authorizer"),
    "canary": ("canary", "handler"),
    "latency_probe": ("latency_probe", "handler"),
    "uploader": ("uploader", "handler"),
    "validator": ("validator", "handler"),
}


def default_dimensions(service: str) -> dict[str, str]:
    """Return the dimensions that the handler of *service* gives to all of its metrics."""
    package, module = HANDLERS[service]
    tree = ast.parse((ROOT / f"functions/{package}/{package}/{module}.py").read_text())
    return {
        keyword.arg: ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "set_default_dimensions"
        for keyword in node.keywords
        if keyword.arg
    }


def _metrics_named(trees: dict[str, ast.Module]) -> Iterator[str]:
    for node in nodes(trees):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="add_metric"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name
