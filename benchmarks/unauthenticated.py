"""Requests without a token: what the worst of them take inside the handler, and cost in a day.

Whoever has no token chooses the body. What is printed is the price of that choice: CPU on one whole
core as a ratio to a plain refusal, the peak of memory above the event, and the bill of a day in
which such requests come at the API's throttle.
"""

import base64
import gzip
import math
import re
from dataclasses import dataclass

from operations.cost.prices import ASSUMED, GB, MEMORY_MB, price
from operations.project import ROOT

from .contenders import StubAws, post, weir
from .handler import Event, Handler, Taken

KIB = 1024
# The longest body in which the token is looked for, and Lambda's longest event.
READ = 128 * KIB
LONGEST = 6 * KIB * KIB
CALLS = 20
DAY_SECONDS = 24 * 3600
METERED = 512 * KIB  # API Gateway counts a request of more as several
ALLOWED_MS = {"refused before the body is read": 5.0, "read for a token": 30.0}
ALLOWED_MB = 64


@dataclass(frozen=True)
class Attack:
    """One kind of request; *sent* is the bytes that the attacker sends."""

    name: str
    event: Event
    sent: int
    limit: str


def request(
    body: str, sent: int = 0, *, is_base64: bool = False, headers: dict[str, str] | None = None
) -> Event:
    """Return a POST without a token whose body is *body*."""
    event = post({})
    kept = {name: value for name, value in event["headers"].items() if name != "authorization"}
    length = str(sent or len(body.encode()))
    kept |= {"content-length": length, **(headers or {})}
    return event | {"headers": kept, "body": body, "isBase64Encoded": is_base64}


def filled(start: str, unit: str, end: str, size: int = READ) -> str:
    """Return *start*, then *unit* again and again, then *end*: at most *size* bytes."""
    room = size - len(start.encode()) - len(end.encode())
    return start + unit * (room // len(unit.encode())) + end


def members(size: int) -> str:
    """Return an object of as many members as *size* bytes hold, each of another name."""
    count = size // 11
    text = ",".join(f'"{number:06x}":0' for number in range(count))
    return f"{{{text}}}"


def readable() -> dict[str, str]:
    """Return the worst bodies that are read for a token: as long as that goes."""
    depth = READ // 2 - 20
    return {
        "a list of empty objects": filled('{"data":[', "{},", "{}]}"),
        "a list of numbers": filled('{"data":[', "0,", "0]}"),
        "nested lists": '{"data":' + "[" * depth + "]" * depth + "}",
        "nested lists, as deep as is read": filled('{"data":[', "[" * 60 + "]" * 60 + ",", "0]}"),
        "a chain of objects": filled('{"data":', '{"a":', "0"),
        "members of other names": members(READ),
        "members of one name": filled("{", '"a":0,', '"data":0}'),
        "a number of 131,000 digits": filled('{"data":', "9", "}"),
        "numbers of 4,300 digits": filled('{"data":[', "9" * 4300 + ",", "0]}"),
        "numbers with exponents": filled('{"data":[', "1e-999,", "0]}"),
        "text full of escapes": filled('{"token":"', r"\ud83d\ude00", '","data":{}}'),
        "a token of 131,000 characters": filled('{"token":"', "a", '","data":{}}'),
        "texts of one character": filled('{"data":[', '"a",', '"a"]}'),
        "white space": filled("", " ", '{"data":{}}'),
        "text that is not JSON at its end": filled('{"data":[', "0,", "]"),
        "lone surrogates": filled('{"data":"', r"\ud800", '"}'),
    }


def attacks() -> list[Attack]:
    """Return every attack, beginning with a plain refusal."""
    found = [Attack("a plain refusal", request('{"data":{}}'), 11, "read for a token")]
    for name, body in readable().items():
        found.append(Attack(name, request(body), len(body), "read for a token"))
        raw = base64.b64encode(body.encode()).decode()
        event = request(raw, len(body), is_base64=True)
        found.append(Attack(f"{name}, in base64", event, len(body), "read for a token"))
    long = filled('{"data":[', "{},", "{}]}", LONGEST)
    bomb = gzip.compress(b"[" * (300 * 1024 * KIB), 9)
    raw_mib = LONGEST * 3 // 4
    early = "refused before the body is read"
    return [
        *found,
        Attack("6 MiB of text", request(long), LONGEST, early),
        Attack(
            "6 MiB of base64",
            request("A" * LONGEST, raw_mib, is_base64=True),
            raw_mib,
            early,
        ),
        Attack(
            "a gzip bomb of 300 MiB",
            request(
                base64.b64encode(bomb).decode(),
                len(bomb),
                is_base64=True,
                headers={"content-encoding": "gzip"},
            ),
            len(bomb),
            early,
        ),
        Attack(
            "6 MiB under a wrong token",
            request(long, headers={"authorization": "Bearer a-guess"}),
            LONGEST,
            early,
        ),
        Attack("1 MiB under a wrong signature", webhook(KIB * KIB), KIB * KIB, "read for a token"),
        Attack(
            "1 MiB in base64 under a wrong signature",
            webhook(KIB * KIB, is_base64=True),
            KIB * KIB,
            "read for a token",
        ),
        Attack("6 MiB under a wrong signature", webhook(LONGEST), LONGEST, early),
        Attack("6 MiB of a CloudEvent", request(long, headers=_event(True)), LONGEST, early),
        Attack("6 MiB of a binary CloudEvent", request(long, headers=_event()), LONGEST, early),
        Attack("a thousand headers", request("{}", headers=_headers()), 10_000, "read for a token"),
    ]


def webhook(size: int, *, is_base64: bool = False) -> Event:
    """Return a webhook of *size* bytes for a client of two secrets, signed with neither."""
    body = filled('{"x":"', "y", '"}', size)
    text = base64.b64encode(body.encode()).decode() if is_base64 else body
    signature = {
        "x-hub-signature-256": "sha256=" + "0" * 64,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    }
    route = "POST /webhooks/{client}/{contract}"
    return request(text, len(body), is_base64=is_base64, headers=signature) | {
        "routeKey": route,
        "rawPath": "/webhooks/moving/email",
        "pathParameters": {"client": "moving", "contract": "email"},
    }


def report(stub: StubAws) -> None:
    """Print what each attack takes, and the bill of a day of it."""
    rate = _throttle()
    share = MEMORY_MB["validator"] / ASSUMED["full_cpu_mb"]
    print("\n## Requests without a token\n")
    print(f"{CALLS} calls each, in a process of its own; CPU of the handler on a whole core.")
    print(f"A day: at the API's throttle of {rate:,} requests a second, with the MBit/s it takes.")
    print("At once: executions that such a flood keeps busy, at the function's share of a core.\n")
    print("| Request | Status | CPU ms | To plain | Peak MB | MBit/s | At once | $ a day |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    plain = 0.0
    over = []
    for attack in attacks():
        taken = _taken(attack, stub)
        plain = plain or taken.cpu_ms
        seconds = math.ceil(taken.whole_cpu_ms / share) / 1000
        dollars = rate * DAY_SECONDS * _dollars(attack, taken, seconds)
        print(
            f"| {attack.name} | {taken.status} | {taken.cpu_ms:.2f} | {taken.cpu_ms / plain:.1f} "
            f"| {taken.peak_mb:.0f} | {attack.sent * 8 * rate / 1e6:,.0f} | {rate * seconds:.0f} "
            f"| {dollars:,.0f} |",
            flush=True,
        )
        if taken.cpu_ms > ALLOWED_MS[attack.limit] or taken.peak_mb > ALLOWED_MB:
            over.append(attack.name)
    limits = ", ".join(f"{name}: {most:.0f} ms" for name, most in ALLOWED_MS.items())
    print(f"\nAllowed: {limits}; {ALLOWED_MB} MB. Above that: {', '.join(over) or 'none'}.")


def _taken(attack: Attack, stub: StubAws) -> Taken:
    with Handler(weir("validator"), attack.event, stub) as handler:
        first, later = handler.call(), handler.call(CALLS)
    assert 400 <= later.status < 500, (attack.name, later.status)
    return Taken(**{**vars(later), "peak_mb": max(first.peak_mb, later.peak_mb)})


def _dollars(attack: Attack, taken: Taken, seconds: float) -> float:
    """Return what one such request costs."""
    metered = max(1, math.ceil(attack.sent / METERED))
    logged = taken.log_bytes + ASSUMED["access_log_bytes"]
    dollars: float = (
        metered * price("http_api_request")
        + price("lambda_request")
        + seconds * MEMORY_MB["validator"] / KIB * price("lambda_gb_second")
        + logged / GB * price("log_gb")
    )
    return dollars


def _throttle() -> int:
    text = (ROOT / "template.yaml").read_text()
    found = re.search(r"^  RequestsPerSecond:\n.*?Default: (\d+)", text, re.MULTILINE | re.DOTALL)
    assert found
    return int(found[1])


def _event(is_structured: bool = False) -> dict[str, str]:
    if is_structured:
        return {"content-type": "application/cloudevents+json"}
    return {f"ce-{name}": "1.0" for name in ("specversion", "id", "source", "type")}


def _headers() -> dict[str, str]:
    return {f"x-{number}": "0" for number in range(1000)}
