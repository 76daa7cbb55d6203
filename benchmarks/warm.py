"""Warm calls: what each contender's process spends on one request, as it is deployed."""

import shutil
import statistics

from .contenders import BOTO3, FLASK, FLASK_ASKING, StubAws, email, post, usual, weir
from .deployed import cpu_ms, million_instructions

CONTENDERS = [weir("validator"), BOTO3, FLASK, FLASK_ASKING, usual("validator")]
COUNTED_CALLS = 50


def report(stub: StubAws, rounds: int, calls: int) -> None:
    """Print what each costs against *stub*, measured in turn."""
    print(f"\n## Warm validator (1 kB message, {rounds} rounds of {calls} requests each)\n")
    print(
        "| Contender | CPU ms/request | Spread | Requests per CPU second | This / Weir | Spread |"
    )
    print("|---|---|---|---|---|---|")
    taken: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    for _ in range(rounds):
        for contender in CONTENDERS:
            taken[contender.name].append(cpu_ms(contender, post(email()), stub, calls))
    for name, values in taken.items():
        median = statistics.median(values)
        ratios = [value / own for value, own in zip(values, taken["Weir"], strict=True)]
        print(
            f"| {name} | {median:.2f} | {min(values):.2f} to {max(values):.2f} "
            f"| {1000 / median:.0f} | **{statistics.median(ratios):.2f}** "
            f"| {min(ratios):.2f} to {max(ratios):.2f} |"
        )
    if shutil.which("valgrind"):
        _count(stub)


def _count(stub: StubAws) -> None:
    print("\n| Contender | Million instructions a request, without the kernel's | This / Weir |")
    print("|---|---|---|", flush=True)
    counted = {
        contender.name: million_instructions(contender, post(email()), stub, COUNTED_CALLS)
        for contender in CONTENDERS
    }
    for name, count in counted.items():
        print(f"| {name} | {count:.2f} | **{count / counted['Weir']:.2f}** |")
