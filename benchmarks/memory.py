"""What memory buys: how long a call takes with its share of a CPU, and what a million cost."""

from .cost import MILLION, PRICES, SQS_CALL_MS, Measured, gb_seconds, puts_ms, seconds

SIZES_MB = (128, 256, 512, 1024, 1769)
BATCH = 100


def report(validator: Measured, uploaders: dict[str, Measured]) -> None:
    """Print duration and price by memory: of a request, and of a batch of 100 in each layout."""
    print("\n## Memory (one message a request, batches of 100)\n")
    columns = ["Validator", *(f"Uploader, {layout} layout" for layout in uploaders)]
    print("| MB | " + " | ".join(f"{name}, ms | $ a million" for name in columns) + " |")
    print("|---|" + "---|---|" * len(columns))
    for memory_mb in SIZES_MB:
        cells = [_cells(validator["cpu_ms"], SQS_CALL_MS, memory_mb, 1)]
        for layout, measured in uploaders.items():
            waiting_ms = puts_ms(BATCH if layout == "message" else 1, memory_mb)
            cells.append(_cells(measured["cpu_ms"], waiting_ms, memory_mb, BATCH))
        print(f"| {memory_mb:,} | " + " | ".join(cells) + " |")


def _cells(cpu_ms: float, waiting_ms: float, memory_mb: int, messages: int) -> str:
    price = PRICES["per_gb"]["lambda_gb_second_arm64"]
    dollars = MILLION / messages * gb_seconds(cpu_ms, waiting_ms, memory_mb) * price
    return f"{seconds(cpu_ms, waiting_ms, memory_mb) * 1000:,.0f} | {dollars:.3f}"
