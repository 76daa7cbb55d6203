"""What memory buys: how long a call takes with its share of a CPU, and what a million cost."""

from typing import Any

from operations.cost.million import LAYOUTS, gb_seconds, puts_ms, seconds
from operations.cost.prices import ASSUMED, MILLION, price

from .cost import Measured

SIZES_MB = (128, 256, 512, 1024, 1769)
BATCH = 100


def report(measured: dict[str, Any]) -> None:
    """Print duration and price by memory: of a request, and of a batch of 100 in each layout."""
    print("\n## Memory (one message a request, batches of 100)\n")
    columns = ["Validator", *(f"Uploader, {layout} layout" for layout in LAYOUTS)]
    print("| MB | " + " | ".join(f"{name}, ms | $ a million" for name in columns) + " |")
    print("|---|" + "---|---|" * len(columns))
    for memory_mb in SIZES_MB:
        cells = [_cells(measured["validator"]["plain"], ASSUMED["sqs_call_ms"], memory_mb, 1)]
        for layout in LAYOUTS:
            waiting_ms = puts_ms(BATCH if layout == "message" else 1, memory_mb)
            uploader = measured["uploader"][layout][str(BATCH)]
            cells.append(_cells(uploader, waiting_ms, memory_mb, BATCH))
        print(f"| {memory_mb:,} | " + " | ".join(cells) + " |")


def _cells(measured: Measured, waiting_ms: float, memory_mb: int, messages: int) -> str:
    call = (measured["cpu_ms"], waiting_ms, memory_mb)
    dollars = MILLION / messages * gb_seconds(*call) * price("lambda_gb_second")
    return f"{seconds(*call) * 1000:,.0f} | {dollars:.3f}"
