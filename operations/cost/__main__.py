"""What Weir costs, before it is deployed.

    python -m operations.cost                                 the whole report
    python -m operations.cost --rate 10 [--layout batch ...]  one month at a rate, itemised

No account is asked: the prices are those of operations/cost/prices.toml.
"""

import argparse
import sys

from .million import BATCH_SIZES, LAYOUTS, ROUTES
from .month import CHOICES, DEFAULTS, month
from .report import itemised, report


def main() -> None:
    """Print the report, or the month that the options describe."""
    parser = argparse.ArgumentParser(
        prog="cost", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=positive, help="messages of 1 kB per second, on average")
    parser.add_argument("--route", choices=ROUTES, default="plain")
    parser.add_argument("--layout", choices=LAYOUTS, default="message")
    parser.add_argument("--contracts", type=int, default=1, help="sent equally often")
    parser.add_argument(
        "--batch", type=positive, help="messages in a batch, at most 100; else what the rate makes"
    )
    parser.add_argument(
        "--options",
        default=",".join(DEFAULTS),
        help=f"some of {','.join(CHOICES)}; by default {','.join(DEFAULTS)}",
    )
    arguments = parser.parse_args()
    options = [name for name in arguments.options.replace(",", " ").split() if name != "none"]
    if unknown := [name for name in options if name not in CHOICES]:
        parser.error(f"there is no option {', '.join(unknown)}; there are {', '.join(CHOICES)}")
    if arguments.contracts < 1:
        parser.error("--contracts: at least 1")
    if arguments.batch and arguments.batch > BATCH_SIZES[-1]:
        parser.error(f"--batch: at most {BATCH_SIZES[-1]}, the template's BatchSize")
    if arguments.rate is None:
        if len(sys.argv) > 1:
            parser.error("the options describe a month, which needs its --rate (make cost RATE=10)")
        print(report(), end="")
        return
    lines = month(
        arguments.rate,
        ROUTES[arguments.route],
        arguments.layout,
        arguments.contracts,
        options,
        arguments.batch,
    )
    print(
        f"A month of {arguments.rate:g} messages of 1 kB per second,"
        f" {ROUTES[arguments.route].title}, layout {arguments.layout}, in dollars:\n"
    )
    print("\n".join(itemised(lines)))


def positive(text: str) -> float:
    """Return the number above 0 that *text* is."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


if __name__ == "__main__":
    main()
