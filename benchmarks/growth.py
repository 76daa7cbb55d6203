"""Growth: what a message costs when one request or one batch carries more of them."""

from .contenders import StubAws, batch, call, email, post, weir

COUNTS = (1, 10, 100, 1_000, 10_000)
LARGEST_REQUEST = 1_000  # messages; more are sent as several requests
REPEATS = 3


def report(stub: StubAws) -> None:
    """Print CPU and memory for 1 to 10,000 messages."""
    uploader = weir("uploader")
    print("\n## Growth (CPU milliseconds a message, peak memory in MB)\n")
    print("| Messages | Validator, one request | | Uploader, message layout | | batch layout | |")
    print("|---|---|---|---|---|---|---|")
    for count in COUNTS:
        cells = []
        size = min(count, LARGEST_REQUEST)
        # Small enough for 1,000 of them in a Lambda event.
        event = post([email(500)] * size, "/messages/email/batch")
        measured = call(weir("validator"), event, stub, REPEATS * count // size, status=202)
        cells.append((measured["cpu_ms"] / size, measured["peak_mb"]))
        for layout in ("message", "batch"):
            measured = call(uploader.in_layout(layout), batch(count), stub, REPEATS)
            cells.append((measured["cpu_ms"] / count, measured["peak_mb"]))
        print(f"| {count:,} | " + " | ".join(f"{cpu:.2f} | {mb:.0f}" for cpu, mb in cells) + " |")
