"""What each quota allows, what breaks first, and what it costs, at a rate of 1 kB messages.

    python -m benchmarks.scaling

The figures are those of scaling.toml and measured.toml here, and the prices of operations/cost;
docs/scaling.md holds the table.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from operations.cost.extras import tracing
from operations.cost.million import (
    LARGEST_SQS_BATCH,
    ROUTES,
    WINDOW_SECONDS,
    Route,
    bill,
    of_size,
    puts_ms,
    seconds,
)
from operations.cost.prices import ASSUMED, MEASURED, MEMORY_MB, MILLION, SECONDS_A_MONTH, together
from operations.cost.report import newest_price, table

DATA = tomllib.loads((Path(__file__).parent / "scaling.toml").read_text())
QUOTA: dict[str, int] = DATA["quota"]
RATES = (10, 1_000, 100_000)
OUTAGE_SECONDS = 6 * 3600

# The template's BatchSize, and the validator's own cache.
BATCH_SIZE = 100
TOKENS_CACHED_SECONDS = 300


@dataclass(frozen=True)
class Way:
    """One way to run it: how messages are sent, and how they are stored."""

    name: str
    route: Route
    layout: str

    @property
    def per_request(self) -> int:
        """Messages in a request."""
        return self.route.per_request


WAYS = (
    Way("one message a request, one object each", ROUTES["plain"], "message"),
    Way("100 messages a request, one object a batch", ROUTES["batch-100"], "batch"),
)


@dataclass(frozen=True)
class Load:
    """What a rate of messages a second asks of AWS."""

    way: Way
    rate: int

    @property
    def requests(self) -> float:
        """Requests a second."""
        return self.rate / self.way.per_request

    @property
    def batch(self) -> int:
        """Messages in a batch: what arrives at one poller within the window, at most BatchSize."""
        arriving = self.rate * WINDOW_SECONDS / QUOTA["pollers"]
        return 10 if arriving < BATCH_SIZE else BATCH_SIZE

    @property
    def validator_seconds(self) -> float:
        """How long the validator takes for a request."""
        calls = ceil(self.way.per_request / LARGEST_SQS_BATCH)
        cpu = MEASURED["validator"][self.way.route.measured]["cpu_ms"]
        return seconds(cpu, calls * ASSUMED["sqs_call_ms"], MEMORY_MB["validator"])

    @property
    def uploader_seconds(self) -> float:
        """How long the uploader takes for a batch."""
        cpu = of_size(MEASURED["uploader"][self.way.layout], self.batch)["cpu_ms"]
        memory_mb = MEMORY_MB["uploader"]
        return seconds(cpu, puts_ms(self.puts_in_a_batch, memory_mb), memory_mb)

    @property
    def puts_in_a_batch(self) -> int:
        """Objects that a batch becomes."""
        return self.batch if self.way.layout == "message" else 1

    @property
    def validators(self) -> float:
        """Environments of the validator that are busy at once; each takes ten requests a second."""
        return max(
            self.requests * self.validator_seconds,
            self.requests / QUOTA["requests_per_environment"],
        )

    @property
    def uploaders(self) -> float:
        """Batches that are stored at once: the parameter UploaderConcurrency has to allow them."""
        return self.rate / self.batch * self.uploader_seconds

    @property
    def needs(self) -> dict[str, tuple[float, int]]:
        """What is needed and what a new account is given, by the name of the quota."""
        new = min(self.validators, QUOTA["new_environments"])
        invocations = self.requests + self.rate / self.batch
        return {
            "API requests a second": (self.requests, QUOTA["api_requests"]),
            "executions at once": (self.validators + self.uploaders, QUOTA["concurrency"]),
            "batches stored at once": (self.uploaders, QUOTA["uploader_concurrency"]),
            "token reads a second, from cold": (
                max(new, self.validators / TOKENS_CACHED_SECONDS),
                QUOTA["parameter_reads"],
            ),
            "S3 PUTs a second and prefix": (
                self.rate / self.batch * self.puts_in_a_batch,
                QUOTA["s3_puts"],
            ),
            "log calls a second": (invocations, QUOTA["log_calls"]),
            "KMS requests a second (own key)": (
                (self.validators + self.uploaders) / TOKENS_CACHED_SECONDS,
                QUOTA["kms_requests"],
            ),
        }

    @property
    def first_to_break(self) -> str:
        """The quota that is used up first, and at which rate."""
        name, (need, quota) = max(self.needs.items(), key=lambda item: item[1][0] / item[1][1])
        return f"{name}, at {self.rate * quota / need:,.0f} messages a second"

    @property
    def dollars_a_million(self) -> float:
        """What a million messages cost, traced as the template does by default."""
        lines = bill(self.way.route, self.way.layout, self.batch)
        return together(lines + tracing(self.way.route, self.batch, self.rate))


def report() -> str:
    """Return the tables: docs/scaling.md holds them."""
    dates = f"Quotas of {DATA['date']}, list prices of {newest_price()}."
    head = f"{dates} Bold: beyond a new account's."
    return "\n".join([head, *(line for way in WAYS for line in _of_way(way))]) + "\n"


def _of_way(way: Way) -> Iterator[str]:
    """Yield one way's table: a row for each quota, a column for each rate."""
    loads = [Load(way, rate) for rate in RATES]
    yield from ("", f"## {way.name[0].upper()}{way.name[1:]}", "")
    rows = [
        (name, f"{quota:,}", *(_cell(load.needs[name][0], quota) for load in loads))
        for name, (_, quota) in loads[0].needs.items()
    ]
    rows += [
        (title, "", *values)
        for title, values in {
            "breaks first": [load.first_to_break for load in loads],
            "messages in flight in an outage reach the queue's limit after": [
                _duration(QUOTA["messages_in_flight"] / load.rate) for load in loads
            ],
            "backlog of a six-hour outage, in messages": [
                f"{load.rate * OUTAGE_SECONDS:,}" for load in loads
            ],
            "dollars a million messages": [f"{load.dollars_a_million:.2f}" for load in loads],
            "dollars a month": [
                f"{load.dollars_a_million * load.rate * SECONDS_A_MONTH / MILLION:,.0f}"
                for load in loads
            ],
        }.items()
    ]
    yield from table(("", "Quota", *(f"{rate:,} a second" for rate in RATES)), rows)


def _cell(need: float, quota: int) -> str:
    amount = f"{need:,.1f}" if need < 10 else f"{need:,.0f}"
    return f"**{amount}** ({need / quota:.1f} times)" if need > quota else amount


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:,.0f} min"


def main() -> None:
    """Print the tables."""
    print(report(), end="")


if __name__ == "__main__":
    main()
