"""Measures CPU and log lines of each route and of each batch, for the bill.

`make bench PARTS=cost` prints the figures in the form of measured.toml, from which `make cost` and
`python -m benchmarks.scaling` take them, and what a million messages would cost by them.
"""

import hmac
import json
from typing import Any

from operations.cost.million import BATCH_SIZES, LAYOUTS, ROUTES, bill
from operations.cost.prices import together

from .contenders import StubAws, batch, call, email, post, weir
from .stub_aws import EVENTS_TOKEN, SECRET, TOKEN

CALLS = 200

type Measured = dict[str, float]


def requests() -> dict[str, dict[str, Any]]:
    """Return the event of each kind of request, by the name that measured.toml gives it."""
    return {
        "plain": post(email()),
        "keyed": _with(post(email()), {"idempotency-key": "a-key"}),
        "batch_of_10": post([email()] * 10, "/messages/email/batch"),
        "batch_of_100": post([email()] * 100, "/messages/email/batch"),
        "webhook": _webhook(),
        "cloudevent": _cloudevent(TOKEN),
        "cloudevent_keyed": _cloudevent(EVENTS_TOKEN),
    }


def _with(event: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    return event | {"headers": event["headers"] | headers}


def _webhook() -> dict[str, Any]:
    """Return a delivery of GitHub: its body is the message, and is signed."""
    event = post(email())
    event["requestContext"]["http"]["path"] = event["rawPath"] = "/webhooks/hub/email"
    route = "POST /webhooks/{client}/{contract}"
    event["requestContext"]["routeKey"] = event["routeKey"] = route
    event["pathParameters"] = {"client": "hub", "contract": "email"}
    event["body"] = json.dumps(email())
    digest = hmac.new(SECRET.encode(), event["body"].encode(), "sha256").hexdigest()
    signed = {
        "content-length": str(len(event["body"])),
        "x-hub-signature-256": f"sha256={digest}",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-github-event": "push",
    }
    event["headers"] = {k: v for k, v in event["headers"].items() if k != "authorization"}
    return _with(event, signed)


def _cloudevent(token: str) -> dict[str, Any]:
    """Return a CloudEvent in binary mode, whose data are the message."""
    event = post(email())
    event["body"] = json.dumps(email())
    attributes = {"specversion": "1.0", "id": "4711", "source": "/bench", "type": "bench.email"}
    headers = {f"ce-{name}": value for name, value in attributes.items()}
    headers["content-length"] = str(len(event["body"]))
    return _with(event, headers | {"authorization": f"Bearer {token}"})


def measure(stub: StubAws) -> dict[str, Any]:
    """Measure the validator by request, and the uploader by layout and size of the batch."""
    validator = {
        name: call(weir("validator"), event, stub, CALLS // (10 if "of_" in name else 1), 202)
        for name, event in requests().items()
    }
    uploader = {
        layout: {
            str(size): call(
                weir("uploader").in_layout(layout), batch(size), stub, CALLS // size + 5
            )
            for size in BATCH_SIZES
        }
        for layout in LAYOUTS
    }
    return {"validator": validator, "uploader": uploader}


def report(measured: dict[str, Any]) -> None:
    """Print what was measured, as measured.toml has it, and the bills by it."""
    tables = {"validator": measured["validator"]}
    tables |= {f"uploader.{layout}": measured["uploader"][layout] for layout in LAYOUTS}
    print("\n## CPU and log lines, for benchmarks/measured.toml\n\n```toml")
    for name, figures in tables.items():
        print(f"[{name}]")
        for key, each in figures.items():
            print(
                f"{key} = {{ cpu_ms = {each['cpu_ms']:.2f}, log_bytes = {each['log_bytes']:.0f} }}"
            )
    print(
        "```\n\n## Dollars per million 1 kB messages by these figures (`make cost` has the rest)\n"
    )
    places = [(layout, size) for layout in LAYOUTS for size in BATCH_SIZES]
    print("| Route | " + " | ".join(f"{layout}, {size}" for layout, size in places) + " |")
    print("|---|" + "---|" * len(places))
    for route in ROUTES.values():
        totals = (together(bill(route, *place, measured=measured)) for place in places)
        print(f"| {route.title} | " + " | ".join(f"{total:.2f}" for total in totals) + " |")
