"""Entry point of the latency probe: a scheduled run publishes metrics, `GET /metrics` answers."""

import json
import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from .cache import Cache
from .history import History
from .host import survey
from .measurement import Measurement, measure
from .render.as_json import as_json
from .render.as_prometheus import as_openmetrics, as_prometheus
from .render.negotiation import MediaType, preferred
from .settings import Settings
from .telemetry import log, publish, publish_shared

FORMS = {
    MediaType("application/json"): lambda found, zone: json.dumps(as_json(found, zone)),
    MediaType("text/plain", "0.0.4"): as_prometheus,
    MediaType("application/openmetrics-text", "1.0.0"): as_openmetrics,
}

METADATA_TIMEOUT_SECONDS = 0.2
SECONDS_TO_ANSWER = 2.0  # what is left of the function's timeout once measuring has to end

SCHEDULE = "weir.schedule"  # what the template's schedule sends as source


class ForeignEventError(Exception):
    """The event is neither the schedule's nor a request's; measuring would publish for anybody."""


settings = Settings.from_env(os.environ)
logger = Logger()
history = History()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request with a measurement; on any other event measure and publish."""
    report_host()
    budget_seconds = context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_ANSWER
    if "requestContext" in event:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return answer(headers.get("accept", ""), budget_seconds)
    if event.get("source") != SCHEDULE:
        raise ForeignEventError(
            f"This function takes a request of an HTTP API, or the schedule's {{'source':"
            f" {SCHEDULE!r}}} (events/latency_probe has samples); nothing was measured."
        )
    measurements = measure_targets(budget_seconds)
    changes = [history.change(measurement) for measurement in measurements]
    for measurement, change in zip(measurements, changes, strict=True):
        publish(measurement, change, az_id(), new_metrics())
    publish_shared(measurements, changes, new_metrics())
    return as_json(measurements, az_id())


def answer(accept: str, budget_seconds: float) -> dict[str, Any]:
    """Return the answer to `GET /metrics` in the form that *accept* asks for; publish nothing.

    Only the schedule feeds CloudWatch, so that frequent scraping does not change its averages.
    """
    media_type = preferred(accept, tuple(FORMS))
    measurements, fresh_seconds = newest.get(budget_seconds)
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Cache-Control": f"private, max-age={int(fresh_seconds)}",
        "Vary": "Accept",
    }
    body = FORMS[media_type](measurements, az_id())
    return {"statusCode": 200, "headers": headers, "body": body}


def measure_targets(budget_seconds: float) -> list[Measurement]:
    """Measure every target and log each."""
    measurements = measure(settings.targets, settings.choice, settings.plan, budget_seconds)
    for measurement in measurements:
        log(measurement, logger)
    return measurements


newest = Cache(measure_targets, settings.cache_seconds)


def new_metrics() -> EphemeralMetrics:
    """Return metrics for one line of EMF."""
    metrics = EphemeralMetrics()
    metrics.set_default_dimensions(stage=os.environ["STAGE"])
    return metrics


@cache
def az_id() -> str | None:
    """Return the id of the zone that this runs in; None where the host does not say."""
    # Imported with the first measurement: its HTTP client is a third of what a cold start computes
    # (`make bench`), and the service that it asks answers in the first invocation anyway.
    from aws_lambda_powertools.utilities import metadata

    try:
        return metadata.get_lambda_metadata(timeout=METADATA_TIMEOUT_SECONDS).availability_zone_id
    except metadata.LambdaMetadataError:
        return None


@cache
def report_host() -> None:
    """Log what this host is like, once: in the first call, because the start is not throttled."""
    logger.info("host surveyed", extra=survey(), az_id=az_id())
