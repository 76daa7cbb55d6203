"""Dollars per million 1 kB messages, from what is measured here and the prices of prices.toml."""

import tomllib
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from .contenders import batch, call, email, post, weir

PRICES = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())
ROUTES = {"one message a request": 1, "100 messages a request": 100}
LAYOUTS = ("message", "batch")
BATCH_SIZES = (1, 10, 100)
CALLS = 200
MILLION = 1_000_000
LARGEST_SQS_BATCH = 10

type Measured = dict[str, float]


@dataclass(frozen=True)
class Line:
    """One line of a bill: so many of something at a price in dollars each."""

    item: str
    count: float
    price: float

    @property
    def dollars(self) -> float:
        """What it comes to."""
        return self.count * self.price


def bill(
    per_request: int, validator: Measured, layout: str, size: int, uploader: Measured
) -> list[Line]:
    """Return the bill of a million messages, *per_request* a POST and *size* a batch."""
    each = {name: price / MILLION for name, price in PRICES["per_million"].items()}
    per_gb = PRICES["per_gb"]
    gb_second = per_gb["lambda_gb_second_arm64"]
    assumed: dict[str, Any] = PRICES["assumed"]
    memory_gb = assumed["memory_mb"] / 1024
    requests, batches = MILLION / per_request, MILLION / size
    sends = ceil(per_request / LARGEST_SQS_BATCH)
    puts = size if layout == "message" else 1
    validator_s = _seconds(validator, sends * assumed["sqs_call_ms"])
    uploader_s = _seconds(uploader, ceil(puts / assumed["upload_threads"]) * assumed["s3_put_ms"])
    cold_starts = assumed["cold_starts_per_million"] * (requests + batches) / MILLION
    log_bytes = requests * validator["log_bytes"] + batches * uploader["log_bytes"]
    return [
        Line("HTTP API requests", requests * ceil(per_request / 500), each["http_api_request"]),
        Line("validator invocations", requests, each["lambda_request"]),
        Line("validator GB-seconds", requests * validator_s * memory_gb, gb_second),
        Line("SQS sends", requests * sends, each["sqs_request"]),
        Line("fair queue surcharge", requests * sends, each["sqs_fair_queue_request"]),
        Line(
            "SQS receives and deletes",
            2 * MILLION / min(size, LARGEST_SQS_BATCH),
            each["sqs_request"],
        ),
        Line("uploader invocations", batches, each["lambda_request"]),
        Line("uploader GB-seconds", batches * uploader_s * memory_gb, gb_second),
        Line("S3 PUTs", batches * puts, each["s3_put"]),
        Line(
            "cold starts' GB-seconds",
            cold_starts * assumed["init_cpu_seconds"] * memory_gb,
            gb_second,
        ),
        Line("GB of logs and metrics", log_bytes / 1e9, per_gb["log"]),
        Line(
            "GB of access logs",
            requests * assumed["access_log_bytes"] / 1e9,
            per_gb["log_infrequent_access"],
        ),
        Line("X-Ray traces", (requests + batches) * assumed["traced_ratio"], each["xray_trace"]),
    ]


def _seconds(measured: Measured, waiting_ms: float) -> float:
    """Return how long an invocation takes at its memory's share of a CPU."""
    share = PRICES["assumed"]["memory_mb"] / PRICES["assumed"]["full_cpu_mb"]
    seconds: float = (measured["cpu_ms"] / share + waiting_ms) / 1000
    return seconds


def report(port: int) -> None:
    """Measure, then print the bills."""
    validators, uploaders = _measure(port)
    print(f"\n## Dollars per million 1 kB messages (list prices of us-east-1, {PRICES['date']})\n")
    print("| Route | Layout | " + " | ".join(f"batches of {size}" for size in BATCH_SIZES) + " |")
    print("|---|---|" + "---|" * len(BATCH_SIZES))
    bills = {}
    for route, per_request in ROUTES.items():
        for layout in LAYOUTS:
            totals = []
            for size in BATCH_SIZES:
                lines = bill(per_request, validators[route], layout, size, uploaders[layout, size])
                bills[route, layout] = lines
                totals.append(f"{sum(line.dollars for line in lines):.2f}")
            print(f"| {route} | {layout} | " + " | ".join(totals) + " |")

    for (route, layout), lines in bills.items():
        print(f"\n{route}, {layout} layout, batches of {BATCH_SIZES[-1]}:\n")
        print("| Item | How many | Price of one | Dollars |\n|---|---|---|---|")
        for line in lines:
            print(f"| {line.item} | {line.count:,.2f} | {line.price:.10f} | {line.dollars:.3f} |")
    assumed, fixed = PRICES["assumed"], PRICES["per_month"]
    monthly = sum(assumed[f"{name}s"] * price for name, price in fixed.items())
    print(f"\nFixed, by the month, for metrics, alarms and the dashboard: ${monthly:.2f}.")


def _measure(port: int) -> tuple[dict[str, Measured], dict[tuple[str, int], Measured]]:
    validators = {
        "one message a request": call(weir("validator"), post(email()), port, CALLS, status=202),
        "100 messages a request": call(
            weir("validator"),
            post([email()] * 100, "/messages/email/batch"),
            port,
            CALLS // 10,
            status=202,
        ),
    }
    uploaders = {
        (layout, size): call(
            weir("uploader").in_layout(layout), batch(size), port, CALLS // size + 5
        )
        for layout in LAYOUTS
        for size in BATCH_SIZES
    }
    print(
        "\nMeasured: "
        + "; ".join(
            f"{name}: {measured['cpu_ms']:.2f} ms CPU, {measured['log_bytes']:.0f} bytes of log"
            for name, measured in [
                *validators.items(),
                *(
                    (f"{layout} layout, batch of {size}", m)
                    for (layout, size), m in uploaders.items()
                ),
            ]
        )
    )
    return validators, uploaders
