"""The bill of a million messages of 1 kB: by route, layout, size of a batch and contracts."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

from .prices import ASSUMED, GB, MEASURED, MEMORY_MB, MILLION, Line

LAYOUTS = ("message", "batch")
BATCH_SIZES = (1, 10, 100)
LARGEST_SQS_BATCH = 10
ITEMS_PER_METERED_REQUEST = 500  # 1 kB each, of the 512 KB that an HTTP API meters as one request
DAYS_A_MONTH = 730 / 24
WINDOW_SECONDS = 5  # the template's BatchingWindowInSeconds


@dataclass(frozen=True)
class Route:
    """One way to send: messages per request, the figures that it is counted with, and its keys."""

    name: str
    title: str
    measured: str
    per_request: int = 1
    key_days: int = 0
    key_buckets: int = 1


KEY_DAYS, WEBHOOK_KEY_DAYS = ASSUMED["key_days"], ASSUMED["webhook_key_days"]
# A webhook is counted as a request with a key: the signature's HMAC takes microseconds.
# A CloudEvent is counted as the request that it is otherwise.
ROUTES = {
    route.name: route
    for route in (
        Route("plain", "one message per request", "plain"),
        Route("keyed", "one, with an Idempotency-Key", "keyed", key_days=KEY_DAYS),
        Route(
            "keyed-twice",
            "the same, KeysAlsoInMessageBucket=true",
            "keyed",
            key_days=KEY_DAYS,
            key_buckets=2,
        ),
        Route("batch-10", "10 messages per request", "batch_of_10", 10),
        Route("batch-100", "100 messages per request", "batch_of_100", 100),
        Route("webhook", "webhook, keyed by its delivery id", "keyed", key_days=WEBHOOK_KEY_DAYS),
        Route("cloudevent", "CloudEvent", "plain"),
        Route("cloudevent-keyed", "CloudEvent, keyed by source and id", "keyed", key_days=KEY_DAYS),
    )
}


def bill(
    route: Route,
    layout: str,
    size: float,
    contracts: int = 1,
    measured: Mapping[str, Any] = MEASURED,
) -> list[Line]:
    """Return the bill of a million messages in batches of *size*, of *contracts* in equal parts."""
    requests, batches = MILLION / route.per_request, MILLION / size
    sends = ceil(route.per_request / LARGEST_SQS_BATCH)
    validator = measured["validator"][route.measured]
    uploader = of_size(measured["uploader"][layout], size)
    objects = objects_in_a_batch(layout, size, contracts)
    waiting_ms = sends * ASSUMED["sqs_call_ms"]
    if route.key_days:
        waiting_ms += route.key_buckets * ASSUMED["s3_put_ms"]
    validator_gb_s = gb_seconds(validator["cpu_ms"], waiting_ms, MEMORY_MB["validator"])
    uploader_ms = puts_ms(objects, MEMORY_MB["uploader"])
    uploader_gb_s = gb_seconds(uploader["cpu_ms"], uploader_ms, MEMORY_MB["uploader"])
    cold_starts = ASSUMED["cold_starts_per_million"] / MILLION * ASSUMED["init_cpu_seconds"] / 1024
    cold_mb = requests * MEMORY_MB["validator"] + batches * MEMORY_MB["uploader"]
    log_bytes = requests * validator["log_bytes"] + batches * uploader["log_bytes"]
    metered = ceil(route.per_request / ITEMS_PER_METERED_REQUEST)
    receives = 2 * MILLION / min(size, LARGEST_SQS_BATCH)
    return [
        Line("HTTP API requests", requests * metered, "http_api_request"),
        Line("validator invocations", requests, "lambda_request"),
        Line("validator GB-seconds", requests * validator_gb_s, "lambda_gb_second"),
        *_keys(route),
        Line("SQS sends", requests * sends, "sqs_request"),
        Line("fair queue surcharge", requests * sends, "sqs_fair_queue_request"),
        Line("SQS receives and deletes", receives, "sqs_request"),
        Line("uploader invocations", batches, "lambda_request"),
        Line("uploader GB-seconds", batches * uploader_gb_s, "lambda_gb_second"),
        Line("S3 PUTs", batches * objects, "s3_put"),
        Line("cold starts' GB-seconds", cold_starts * cold_mb, "lambda_gb_second"),
        Line("GB of logs and metrics", log_bytes / 1e9, "log_gb"),
        Line("GB of access logs", requests * ASSUMED["access_log_bytes"] / 1e9, "log_gb"),
    ]


def _keys(route: Route) -> list[Line]:
    """Return what the idempotency keys of a million messages cost: written, and kept for days."""
    if not route.key_days:
        return []
    keys = route.key_buckets * MILLION / route.per_request
    months = route.key_days / DAYS_A_MONTH
    kept = keys * ASSUMED["key_bytes"] / GB * months
    return [
        Line("idempotency keys: S3 PUTs", keys, "s3_put"),
        Line("idempotency keys: GB-months", kept, "s3_gb_month"),
    ]


def objects_in_a_batch(layout: str, size: float, contracts: int = 1) -> float:
    """Return how many objects a batch of *size* becomes, on average.

    In layout `batch` there is one for each contract that occurs in it; of *contracts* that are sent
    equally often, one is missing from a batch with probability (1 - 1/contracts) ** size.
    """
    if layout == "message":
        return float(size)
    return float(contracts * (1 - (1 - 1 / contracts) ** size))


def object_bytes(layout: str, size: float, contracts: int = 1) -> float:
    """Return how large an object is on average."""
    if layout == "message":
        return float(ASSUMED["message_bytes"])
    messages = size / objects_in_a_batch(layout, size, contracts)
    return float(messages * ASSUMED["message_bytes"] * ASSUMED["gzip_ratio"])


def of_size(measured: Mapping[str, Mapping[str, float]], size: float) -> dict[str, float]:
    """Return what a batch of *size* takes, between the sizes that were measured."""
    sizes = sorted(int(each) for each in measured)
    if size <= sizes[0]:
        return dict(measured[str(sizes[0])])
    for smaller, larger in pairwise(sizes):
        if size <= larger:
            low, high = measured[str(smaller)], measured[str(larger)]
            share = (size - smaller) / (larger - smaller)
            return {name: low[name] + share * (high[name] - low[name]) for name in low}
    raise ValueError(f"no batch of {size:g} messages was measured; the largest is {sizes[-1]}")


def arriving(rate: float, window_seconds: float, largest: int = BATCH_SIZES[-1]) -> float:
    """Return the messages of a batch: what reaches one poller within the window."""
    return min(float(largest), max(1.0, rate * window_seconds / float(ASSUMED["pollers"])))


def batches(layout: str, rate: float, window_seconds: float) -> list[Line]:
    """Return what depends on the batching window: the uploader's invocations and S3's PUTs."""
    size = arriving(rate, window_seconds)
    puts = MILLION / size * objects_in_a_batch(layout, size)
    return [
        Line("uploader invocations", MILLION / size, "lambda_request"),
        Line("S3 PUTs", puts, "s3_put"),
    ]


def seconds(cpu_ms: float, waiting_ms: float, memory_mb: int) -> float:
    """Return how long an invocation takes at its memory's share of a CPU."""
    share = memory_mb / ASSUMED["full_cpu_mb"]
    return float((cpu_ms / share + waiting_ms) / 1000)


def gb_seconds(cpu_ms: float, waiting_ms: float, memory_mb: int) -> float:
    """Return what an invocation is billed for."""
    return seconds(cpu_ms, waiting_ms, memory_mb) * memory_mb / 1024


def upload_threads(memory_mb: int) -> int:
    """Return how many objects the uploader writes at once."""
    most: int = ASSUMED["upload_threads_per_cpu"]
    least: int = ASSUMED["least_upload_threads"]
    return max(least, min(most, memory_mb * most // int(ASSUMED["full_cpu_mb"])))


def puts_ms(puts: float, memory_mb: int) -> float:
    """Return how long the uploader waits for S3 to take *puts* objects."""
    return float(ceil(puts / upload_threads(memory_mb)) * ASSUMED["s3_put_ms"])
