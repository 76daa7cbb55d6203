"""Every comparison of docs/performance.md in one run: `make bench`.

Ratios carry over from machine to machine, milliseconds do not. Contenders are measured in turn,
round by round, so that what else the machine does falls on all of them.
"""

import argparse
import os
import platform
import shutil
from pathlib import Path

from operations.cost.prices import MEMORY_MB

from . import (
    batches,
    cost,
    first_response,
    growth,
    init_cpu,
    memory,
    openssl,
    packages,
    throughput,
    unauthenticated,
    warm,
)
from .contenders import (
    FLASK,
    FLASK_ASKING,
    StubAws,
    batch,
    email,
    post,
    stock,
    stub_aws,
    usual,
    weir,
)

S3_PUT_SECONDS = 0.020
SMALL_ROUNDS = 7  # of the parts that take long


def init(stub: StubAws, options: argparse.Namespace) -> None:
    """Measure what a cold start computes before the first event."""
    init_cpu.report(stub, options.rounds, init_cpu.cpu_ms, "milliseconds")
    if shutil.which("valgrind"):
        init_cpu.report(stub, 1, init_cpu.million_instructions, "million instructions")


def first_request(stub: StubAws, options: argparse.Namespace) -> None:
    """Measure the validator's first response, cold and after a pause."""
    rivals = [stock("validator"), FLASK, FLASK_ASKING, usual("validator")]
    first_response.report(
        "First request of the validator, cold and after a pause",
        [weir("validator"), *rivals],
        post(email()),
        stub,
        memory_mb=MEMORY_MB["validator"],
        rounds=options.rounds,
    )


def first_batch(_: StubAws, options: argparse.Namespace) -> None:
    """Measure the uploader's first batch, cold and after a pause."""
    with stub_aws(S3_PUT_SECONDS) as slow:
        first_response.report(
            "First batch of the uploader (100 messages), cold and after a pause",
            [weir("uploader"), stock("uploader"), usual("uploader")],
            batch(100),
            slow,
            memory_mb=MEMORY_MB["uploader"],
            rounds=min(SMALL_ROUNDS, options.rounds),
        )


def warm_request(stub: StubAws, options: argparse.Namespace) -> None:
    """Measure a request to a warm validator."""
    warm.report(stub, options.rounds, options.calls)


def uploader(_: StubAws, options: argparse.Namespace) -> None:
    """Measure how many messages per second the uploader stores."""
    with stub_aws(S3_PUT_SECONDS) as slow:
        throughput.report(slow, min(SMALL_ROUNDS, options.rounds))


def dollars(stub: StubAws, _: argparse.Namespace) -> None:
    """Measure what `make cost` counts with, and what memory buys."""
    measured = cost.measure(stub)
    cost.report(measured)
    memory.report(measured)


def growing(stub: StubAws, _: argparse.Namespace) -> None:
    """Measure requests and batches of up to 10,000 messages."""
    growth.report(stub)


def strangers(stub: StubAws, _: argparse.Namespace) -> None:
    """Measure the worst requests without a token, and what a day of them costs."""
    unauthenticated.report(stub)


def large_batches(_: StubAws, options: argparse.Namespace) -> None:
    """Measure requests of 1,000 messages against the way before 0.2.0, and what is sent again."""
    batches.report(min(SMALL_ROUNDS, options.rounds))


PARTS = {
    "init": init,
    "first-request": first_request,
    "first-batch": first_batch,
    "warm": warm_request,
    "uploader": uploader,
    "cost": dollars,
    "growth": growing,
    "unauthenticated": strangers,
    "batch": large_batches,
}


def main() -> None:
    """Build, measure and print Markdown."""
    listed = "\n".join(f"  {name:15}{part.__doc__}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=main.__doc__,
        epilog=f"Parts, all of them if none is named:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=1000, help="requests in a round of `warm`")
    parser.add_argument("--keep", action="store_true", help="measure what was built last time")
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; the parts are: {', '.join(PARTS)}")
    if not options.keep:
        packages.build()

    print(f"{_cpu()}, {os.cpu_count()} CPUs, {packages.ARCHITECTURE},", end=" ")
    print(f"Python {platform.python_version()}, {openssl.version()},", end=" ")
    print(f"load {os.getloadavg()[0]:.1f} at the start", flush=True)
    with stub_aws() as stub:
        for name, measure in PARTS.items():
            if name in (options.parts or PARTS):
                measure(stub, options)
    print(f"\nLoad at the end: {os.getloadavg()[0]:.1f}")


def _cpu() -> str:
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0].partition(": ")[2] if names else platform.machine()


if __name__ == "__main__":
    main()
