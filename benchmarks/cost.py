"""Dollars per million 1 kB messages, from what is measured here and the prices of prices.toml."""

import tomllib
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from .contenders import MEMORY_MB, StubAws, batch, call, email, post, weir

PRICES = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())
ROUTES = {"one message a request": 1, "100 messages a request": 100}
LAYOUTS = ("message", "batch")
BATCH_SIZES = (1, 10, 100)
TRACED_RATES = (1, 10, 100, 1_000)
CALLS = 200
MILLION = 1_000_000
HOURS_A_MONTH = 730
WINDOWS = (1, 2, 5, 10, 20)
WINDOW_RATES = (1, 10, 100)
LARGEST_SQS_BATCH = 10
SQS_CALL_MS: float = PRICES["assumed"]["sqs_call_ms"]

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
    requests, batches = MILLION / per_request, MILLION / size
    sends = ceil(per_request / LARGEST_SQS_BATCH)
    puts = size if layout == "message" else 1
    validator_gb_s = gb_seconds(validator["cpu_ms"], sends * SQS_CALL_MS, MEMORY_MB["validator"])
    uploader_ms = puts_ms(puts, MEMORY_MB["uploader"])
    uploader_gb_s = gb_seconds(uploader["cpu_ms"], uploader_ms, MEMORY_MB["uploader"])
    cold_starts = assumed["cold_starts_per_million"] / MILLION * assumed["init_cpu_seconds"] / 1024
    log_bytes = requests * validator["log_bytes"] + batches * uploader["log_bytes"]
    return [
        Line("HTTP API requests", requests * ceil(per_request / 500), each["http_api_request"]),
        Line("validator invocations", requests, each["lambda_request"]),
        Line("validator GB-seconds", requests * validator_gb_s, gb_second),
        Line("SQS sends", requests * sends, each["sqs_request"]),
        Line("fair queue surcharge", requests * sends, each["sqs_fair_queue_request"]),
        Line(
            "SQS receives and deletes",
            2 * MILLION / min(size, LARGEST_SQS_BATCH),
            each["sqs_request"],
        ),
        Line("uploader invocations", batches, each["lambda_request"]),
        Line("uploader GB-seconds", batches * uploader_gb_s, gb_second),
        Line("S3 PUTs", batches * puts, each["s3_put"]),
        Line(
            "cold starts' GB-seconds",
            cold_starts * (requests * MEMORY_MB["validator"] + batches * MEMORY_MB["uploader"]),
            gb_second,
        ),
        Line("GB of logs and metrics", log_bytes / 1e9, per_gb["log"]),
        Line(
            "GB of access logs",
            requests * assumed["access_log_bytes"] / 1e9,
            per_gb["log"],
        ),
    ]


def tracing(per_request: int, size: int, rate: float) -> Line:
    """Return what Tracing=Active adds to a million messages that come at *rate* a second."""
    traced = sum(MILLION / each * _sampled(rate / each) for each in (per_request, size))
    return Line("X-Ray traces", traced, PRICES["per_million"]["xray_trace"] / MILLION)


def _sampled(calls: float) -> float:
    """Return the share of a function's *calls* a second that Lambda traces."""
    assumed = PRICES["assumed"]
    always = min(calls, float(assumed["traced_per_second"]))
    return (always + float(assumed["traced_ratio"]) * (calls - always)) / calls


def seconds(cpu_ms: float, waiting_ms: float, memory_mb: int) -> float:
    """Return how long an invocation takes at its memory's share of a CPU."""
    share = memory_mb / PRICES["assumed"]["full_cpu_mb"]
    return float((cpu_ms / share + waiting_ms) / 1000)


def gb_seconds(cpu_ms: float, waiting_ms: float, memory_mb: int) -> float:
    """Return what an invocation is billed for."""
    return seconds(cpu_ms, waiting_ms, memory_mb) * memory_mb / 1024


def upload_threads(memory_mb: int) -> int:
    """Return how many objects the uploader writes at once."""
    assumed: dict[str, int] = PRICES["assumed"]
    most = assumed["upload_threads_per_cpu"]
    threads = memory_mb * most // assumed["full_cpu_mb"]
    return max(assumed["least_upload_threads"], min(most, threads))


def puts_ms(puts: int, memory_mb: int) -> float:
    """Return how long the uploader waits for S3 to take *puts* objects."""
    return float(ceil(puts / upload_threads(memory_mb)) * PRICES["assumed"]["s3_put_ms"])


def report(validators: dict[str, Measured], uploaders: dict[tuple[str, int], Measured]) -> None:
    """Print the bills of what was measured."""
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
        print(f"| **together** | | | **{sum(line.dollars for line in lines):.3f}** |")
    print("\nTracing=Active adds, by messages a second (batches of 100, dollars per million):\n")
    print("| Route | " + " | ".join(f"{rate:,}" for rate in TRACED_RATES) + " |")
    print("|---|" + "---|" * len(TRACED_RATES))
    for route, per_request in ROUTES.items():
        added = [tracing(per_request, BATCH_SIZES[-1], rate).dollars for rate in TRACED_RATES]
        print(f"| {route} | " + " | ".join(f"{dollars:.2f}" for dollars in added) + " |")
    report_at_rest()
    print("\n## Dollars per million messages, by BatchingWindowInSeconds\n")
    report_windows()


def at_rest() -> list[Line]:
    """Return the bill of a month in which nobody sends, with the template's defaults."""
    each = {name: price / MILLION for name, price in PRICES["per_million"].items()}
    month, rest = PRICES["per_month"], PRICES["at_rest"]
    runs = HOURS_A_MONTH * 60
    waits = HOURS_A_MONTH * 3600 / rest["poll_seconds"]
    gb_s = runs * rest["probe_seconds"] * MEMORY_MB["latency_probe"] / 1024
    per_gb = PRICES["per_gb"]
    return [
        Line("targets, hours of t4g.nano", 2 * HOURS_A_MONTH, PRICES["per_hour"]["t4g_nano"]),
        Line("their disks, GB", 2 * rest["disk_gb"], month["disk_gb"]),
        Line("dashboard", 1, month["dashboard"]),
        Line("alarms", rest["alarms"], month["alarm"]),
        Line("metrics of the probe", rest["metrics"], month["metric"]),
        Line("runs of the probe", runs, each["lambda_request"]),
        Line("GB-seconds of the probe", gb_s, per_gb["lambda_gb_second_arm64"]),
        Line("traces of the probe", runs, each["xray_trace"]),
        Line("GB of logs of the probe", runs * rest["probe_log_bytes"] / 1e9, per_gb["log"]),
        Line("schedule", runs, each["schedule"]),
        Line("looks into the empty queue", rest["pollers"] * waits, each["sqs_request"]),
    ]


def report_at_rest() -> None:
    """Print what a month costs without a message, and what was added to that since."""
    lines, month = at_rest(), PRICES["per_month"]
    together = sum(line.dollars for line in lines)
    print("\n## Dollars a month at rest: default parameters, two targets, no message\n")
    print("| Item | How many | Price of one | Dollars |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.item} | {line.count:,.2f} | {line.price:.10f} | {line.dollars:.2f} |")
    print(f"| **together** | | | **{together:.2f}** |")
    added = PRICES["added"]
    for name, extra in added.items():
        dollars = sum(count * month[item.removesuffix("s")] for item, count in extra.items())
        together += dollars
        print(f"| and since: {name.replace('_', ' ')} | | | {dollars:.2f} |")
    if added:
        print(f"| **with all of it** | | | **{together:.2f}** |")


def report_windows() -> None:
    """Print what each batching window costs for a million messages: invocations, and S3's PUTs."""
    each = {name: price / MILLION for name, price in PRICES["per_million"].items()}
    rates = [(layout, rate) for layout in LAYOUTS for rate in WINDOW_RATES]
    print(
        "| Seconds | " + " | ".join(f"{layout}, {rate} a second" for layout, rate in rates) + " |"
    )
    print("|---|" + "---|" * len(rates))
    for window in WINDOWS:
        cells = []
        for layout, rate in rates:
            size = min(BATCH_SIZES[-1], max(1, rate * window / PRICES["at_rest"]["pollers"]))
            puts = size if layout == "message" else 1
            dollars = MILLION / size * (each["lambda_request"] + puts * each["s3_put"])
            cells.append(f"{dollars:.2f}")
        print(f"| {window} | " + " | ".join(cells) + " |")


def measure(stub: StubAws) -> tuple[dict[str, Measured], dict[tuple[str, int], Measured]]:
    """Measure the validator by route, and the uploader by layout and size of the batch."""
    validators = {
        "one message a request": call(weir("validator"), post(email()), stub, CALLS, status=202),
        "100 messages a request": call(
            weir("validator"),
            post([email()] * 100, "/messages/email/batch"),
            stub,
            CALLS // 10,
            status=202,
        ),
    }
    uploaders = {
        (layout, size): call(
            weir("uploader").in_layout(layout), batch(size), stub, CALLS // size + 5
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
