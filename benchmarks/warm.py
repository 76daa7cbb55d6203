"""Warm calls: the CPU that each contender's process spends on one request, as it is deployed."""

import statistics

from .contenders import FLASK, email, post, usual, weir
from .deployed import cpu_ms

CONTENDERS = [weir("validator"), FLASK, usual("validator")]


def report(port: int, rounds: int, calls: int) -> None:
    """Print requests per CPU second of each, measured in turn against the stub of AWS at *port*."""
    print(f"\n## Warm validator (1 kB message, {rounds} rounds of {calls} requests each)\n")
    print(
        "| Contender | CPU ms/request | Spread | Requests per CPU second | This / Weir | Spread |"
    )
    print("|---|---|---|---|---|---|")
    taken: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    for _ in range(rounds):
        for contender in CONTENDERS:
            taken[contender.name].append(cpu_ms(contender, post(email()), port, calls))
    for name, values in taken.items():
        median = statistics.median(values)
        ratios = [value / own for value, own in zip(values, taken["Weir"], strict=True)]
        print(
            f"| {name} | {median:.2f} | {min(values):.2f} to {max(values):.2f} "
            f"| {1000 / median:.0f} | **{statistics.median(ratios):.2f}** "
            f"| {min(ratios):.2f} to {max(ratios):.2f} |"
        )
