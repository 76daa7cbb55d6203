"""The probe as it is usually written: a clock around `connect`, Powertools' resolver and Tracer."""

import os
import socket
import time
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()
tracer = Tracer()
app = APIGatewayHttpResolver(enable_validation=True)
cloudwatch = boto3.client("cloudwatch")


@tracer.capture_method
def measure(target: str) -> float:
    """Return the milliseconds that it takes to connect to *target*."""
    host, _, port = target.rpartition(":")
    start = time.perf_counter()
    with socket.create_connection((host, int(port)), timeout=1):
        return (time.perf_counter() - start) * 1000


@app.get("/metrics")
def get_metrics() -> dict[str, float]:
    """Measure now."""
    targets = os.environ["PROBE_TARGETS"].split(",")
    return {target: measure(target) for target in targets}


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request; on any other event measure and publish."""
    if "requestContext" in event:
        return app.resolve(event, context)
    measured = get_metrics()
    data = [
        {"MetricName": "RoundTripTime", "Value": value, "Unit": "Milliseconds"}
        for value in measured.values()
    ]
    cloudwatch.put_metric_data(Namespace="Weir", MetricData=data)  # type: ignore[arg-type]
    return measured
