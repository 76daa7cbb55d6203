"""Senders: what they post, how they try again, and what they keep of an answer."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .kernel import Actor

if TYPE_CHECKING:
    from .world import World

EVENTS = Path(__file__).resolve().parents[2] / "events" / "validator"
HOUR = 3600.0
DAY = 24 * HOUR
CLIENTS = ("alpha", "beta")
SIGNER, KEYED = "signer", "keyed"  # signs as GitHub does; source and id of its events are keys
SECRET = "the secret of the signer"
CONTRACTS = ("email", "four-fields", "timestamped")
_TRIES = 7
_PLACES = (
    *("header", "header", "body", "both", "unknown", "missing", "different", "old"),
    # Clients of their own:
    *("limited", "reader", "suspended", "expired", "broken", "misspelled", "expiring"),
)
# Clients that may not send, or not this, and what they get.
REFUSED_CLIENTS = {
    **dict.fromkeys(("limited", "reader", "suspended"), 403),
    **dict.fromkeys(("expired", "broken", "misspelled"), 401),
}
_UNKNOWN_TOKEN = "nobody-has-this-token"
# Bodies that break their contract, or are no JSON; never a 202.
_INVALID = (
    '{"long": "' + "x" * 300 + '"}',
    '{"email_subject": ""}',
    '{"a": "b"}',
    "[1, 2]",
    '{"a": 1, "a": 2}',
    '{"number": 1e999}',
)
# What stands in a value to see that bytes stay as they were sent.
_ODD = ("plain", "\\u00fc", "ü", "\ufffe", "\\ud83d\\ude00", "\U0001f600", "a\\nb", " ", "\\u2028")


@dataclass(frozen=True, slots=True)
class Item:
    """One message as it is sent."""

    text: str
    is_valid: bool

    @property
    def stored(self) -> bytes:
        """What must be stored: the same value without line breaks and tabs between tokens."""
        text = self.text.strip(" \t\r\n")
        for character, instead in (("\t", ""), ("\n", ""), ("\r", ""), ("\ufffe", "\\ufffe")):
            text = text.replace(character, instead)
        return text.encode()


@dataclass(frozen=True, slots=True)
class Order:
    """One request that a sender means to make, however often it takes."""

    name: str
    client: str
    contract: str
    form: str  # default, single, batch, ndjson, webhook, event or event-in-headers
    items: tuple[Item, ...]
    key: str | None
    token: str  # where the token stands: header, body, both; or how it is wrong
    moment: float

    @property
    def is_known(self) -> bool:
        """Whether the sender shows a token that is its own."""
        return self.token in ("header", "body", "both", "signature")

    @property
    def lifetime(self) -> float:
        """The seconds for which its key is known."""
        return 4 * DAY if self.form == "webhook" else DAY

    def __str__(self) -> str:
        kinds = "".join("+" if item.is_valid else "-" for item in self.items)
        key = f", key {self.key}" if self.key else ""
        return f"{self.name}: {self.client} posts {self.form} {self.contract} [{kinds}]{key}"


def order_with_old_token(world: "World", name: str, client: str) -> Order:
    """Return an order that shows a token that *client* had once."""
    item = _item(world, f"{name}.0", "email", lines=False)
    return Order(name, client, "email", "single", (item,), None, "old", 0.0)


def orders(world: "World") -> list[Order]:
    """Return what all senders mean to send in *world*, in the order of time."""
    kernel = world.kernel
    made: list[Order] = []
    for number in range(1 + int(kernel.number("orders") ** 2 * world.most_orders)):
        name = f"order-{number + 1}"
        twist, which, _, when = kernel.numbers(f"{name}/twist")
        keyed = [order for order in made if order.key]
        if keyed and twist < 0.5:
            made.append(_follow_up(world, name, keyed[int(which * len(keyed))], when))
        else:
            made.append(_order(world, name, when * min(world.span, 3 * HOUR)))
            made += _corrected(world, made[-1])
    made += _deliveries(world)
    return sorted(made, key=lambda order: order.moment)


def _deliveries(world: "World") -> list[Order]:
    """Return webhooks and events, most of them sent again: at once, later, or days after."""
    made: list[Order] = []
    # An older release knows neither.
    count = 0 if world.has_released_validator else int(3 * world.kernel.number("deliveries"))
    for at in range(count):
        name = f"delivery-{at}"
        kind, tries, when, other = world.kernel.numbers(name)
        form = "webhook" if kind < 0.5 else "event" if kind < 0.75 else "event-in-headers"
        is_webhook = form == "webhook"
        client, token = (SIGNER, "signature") if is_webhook else (KEYED, "header")
        moment = when * min(world.span, 3 * HOUR)
        first = _item(world, f"{name}.0", "timestamped", lines=False)
        for again in range(1 + int(4 * tries)):
            pause, corrected, _, _ = world.kernel.numbers(f"{name}/{again}")
            if again:
                moment += (0.0, 1.0, 600.0, min(world.span, DAY))[int(4 * pause)] * corrected
            item = first
            if is_webhook and other < 0.4 and again:  # another body is the same delivery
                item = _item(world, f"{name}.{again}", "timestamped", lines=False)
            made.append(
                Order(f"{name}.{again}", client, "timestamped", form, (item,), name, token, moment)
            )
    return made


def _corrected(world: "World", order: Order) -> list[Order]:
    """Return two orders that each send another message in the place of an invalid one."""
    luck, pause, gap, _ = world.kernel.numbers(f"{order.name}/corrected")
    invalid = [at for at, item in enumerate(order.items) if not item.is_valid]
    if luck > 0.6 or not invalid or not order.key or len(order.items) < 2 or not order.is_known:
        return []
    at = invalid[0]
    corrected: list[Order] = []
    for letter in "ab":
        items = list(order.items)
        items[at] = _valid(world, f"{order.name}{letter}.{at}", order, at)
        moment = order.moment + 20 * pause + (0.02 if gap < 0.6 else 20) * gap * len(corrected)
        name = f"{order.name}{letter}"
        corrected.append(replace(order, name=name, items=tuple(items), moment=moment))
    return corrected


def _valid(world: "World", name: str, order: Order, at: int) -> Item:
    """Return a valid message for an *order*."""
    for number in range(9):
        item = _item(world, f"{name}.{number}", order.contract, lines=order.form == "ndjson")
        if item.is_valid:
            return item
    return order.items[at]


def _order(world: "World", name: str, moment: float) -> Order:
    number = world.kernel.numbers
    who, form, count, key = number(f"{name}/shape")
    token, contract, repeat, _ = number(f"{name}/more")
    chosen = CONTRACTS[int(contract * 3)]
    shape = ("default", "single", "batch", "ndjson")[int(form * 4)]
    if shape == "default":
        chosen = "email"
    size = 1 if shape in ("default", "single") else 1 + int(count**2 * world.largest_batch)
    if world.has_giants and size > 1:
        size = 3
    where = _PLACES[int((token - 0.4) / 0.6 * len(_PLACES))] if token > 0.4 else "header"
    if where == "limited" and chosen == "email":  # the one contract that it may send
        where = "suspended"
    if (shape == "ndjson" or world.has_giants) and where in ("body", "both", "different"):
        where = "header"
    made = [_item(world, f"{name}.{at}", chosen, lines=shape == "ndjson") for at in range(size)]
    if size > 1 and key < 0.2:
        made[-1] = made[0]  # equal messages in one batch are two messages
    if where == "expiring":  # soon before its token expires, or soon after
        moment = max(0.0, world.expires_at + (moment / min(world.span, 3 * HOUR) - 0.5) * 300)
    keyed = key < 0.65 and where != "expiring"  # a key would be used again with a lasting token
    return Order(
        name=name,
        client="expiring" if where == "expiring" else CLIENTS[int(who * len(CLIENTS))],
        contract=chosen,
        form=shape,
        items=tuple(made),
        key=f"key-{int(repeat * 3)}" if keyed and repeat < 0.3 else name if keyed else None,
        token=where,
        moment=moment,
    )


def _follow_up(world: "World", name: str, first: Order, when: float) -> Order:
    """Return an order that uses the key of *first* once more."""
    number = world.kernel.numbers
    kind, pause, at, more = number(f"{name}/follow-up")
    # At once (while the first may still be under way), later, or about a day after.
    if world.span > DAY and pause < 0.7:
        moment = first.moment + DAY + (when - 0.5) * 2 * world.edge
    else:
        moment = first.moment + (0.0, 1.0, 30.0, 600.0)[int(pause * 4)] * when
    order = replace(first, name=name, moment=moment, token="header")
    lines = order.form == "ndjson"
    items = list(order.items)
    place = int(at * len(items))
    if kind < 0.35:
        return order
    if kind < 0.6:  # another body in one place; an invalid one becomes valid
        items[place] = _item(world, f"{name}.{place}", order.contract, lines=lines)
    elif kind < 0.7 and order.form in ("batch", "ndjson"):
        items.append(_item(world, f"{name}.{len(items)}", order.contract, lines=lines))
    elif kind < 0.8 and len(items) > 1:
        items = items[: 1 + place]
    elif kind < 0.88:
        return replace(order, client=CLIENTS[more < 0.5])
    elif kind < 0.94 and order.form != "default":
        other = ("four-fields", "timestamped")[more < 0.5]
        items = [
            _item(world, f"{name}.{number}", other, lines=lines) for number in range(len(items))
        ]
        return replace(order, contract=other, items=tuple(items))
    elif len(items) > 1:
        items = items[::-1]
    return replace(order, items=tuple(items))


def _item(world: "World", name: str, contract: str, *, lines: bool) -> Item:
    luck, which, odd, more = world.kernel.numbers(f"{name}/item")
    if luck < 0.1:
        return Item(_INVALID[int(which * len(_INVALID))], is_valid=False)
    value = _ODD[int(odd * len(_ODD))] + ("x" * 400_000 if world.has_giants and which < 0.8 else "")
    gap = "" if lines else ("", "\n", "\t ", "\r\n")[int(more * 4)]
    if contract == "email":
        members = {
            "email_subject": name,
            "email_sender": "John",
            "email_timestream": "1693561101",
            "email_content": f"c{value}",
        }
    elif contract == "four-fields":
        members = {"a": name, "b": f"b{value}", "c": "c", "d": "d"}
    else:
        members = {"email_timestream": "2023-01-01T00:00:00Z", "name": name, "value": value}
    pairs = [f'"{member}":{gap}"{text}"' for member, text in members.items()]
    if contract == "timestamped":
        pairs.append('"number": 1.10, "big": 12345678901234567890123')
    if luck > 0.97:  # two members of one name, which readers take differently
        return Item("{" + f",{gap}".join([*pairs, pairs[-1]]) + "}", is_valid=False)
    return Item("{" + f",{gap}".join(pairs) + "}", is_valid=True)


class Sender:
    """What makes one order and tries again until it is answered for good."""

    def __init__(self, world: "World", order: Order) -> None:
        self._world = world
        self._order = order
        self._actor = Actor(order.name)

    def start(self) -> None:
        """Begin at the order's moment."""
        self._world.kernel.spawn(self._run, self._actor, delay=max(0.0, self._order.moment))

    def _run(self) -> None:
        world, kernel, order = self._world, self._world.kernel, self._order
        if not kernel.happens(order.name, str(order)):
            return
        for _ in range(_TRIES):
            started = kernel.now
            result, environment = world.validator.invoke(self._event())
            outcomes = world.checker.answered(order, result, environment, started)
            site = self._actor.site("answer")
            luck, pause, look, _ = kernel.numbers(site)
            lost = (
                started < world.weather.calm
                and luck < world.lost_answers
                and kernel.happens(site, f"the answer to {order.name} is lost")
            )
            if not lost and outcomes is not None:
                if look < world.look_ups:
                    self._look_up([each for each in outcomes if each], pause)
                return
            kernel.sleep(pause * (40.0 if started >= world.weather.calm else 12.0))

    def _look_up(self, message_ids: list[str], when: float) -> None:
        world, kernel = self._world, self._world.kernel
        for message_id in message_ids[:2]:
            kernel.sleep(30 * when)
            known = world.checker.stored_now(message_id)
            event = request_event("GET /messages/{contract}/{message_id}", self._order.contract)
            event["pathParameters"]["message_id"] = message_id
            client = self._order.client if self._order.client in CLIENTS else CLIENTS[0]
            event["headers"]["authorization"] = f"Bearer {world.token_of(client)}"
            result, environment = world.validator.invoke(event)
            world.checker.looked_up(self._order.contract, message_id, known, result, environment)

    def _event(self) -> dict[str, Any]:
        order = self._order
        route = {
            "default": "POST /",
            "single": "POST /messages/{contract}",
            "batch": "POST /messages/{contract}/batch",
            "ndjson": "POST /messages/{contract}/batch",
            "webhook": "POST /webhooks/{client}/{contract}",
            "event": "POST /messages/{contract}",
            "event-in-headers": "POST /messages/{contract}",
        }[order.form]
        event = request_event(route, order.contract)
        headers = event["headers"]
        if order.form == "webhook":
            return _webhook(event, order)
        token = self._world.token_of(order.client)
        if order.token in ("header", "both", "different"):
            headers["authorization"] = f"Bearer {token}"
        elif order.token == "old":
            headers["authorization"] = f"Bearer {self._world.old_token_of(order.client)}"
        elif order.token in (*REFUSED_CLIENTS, "expiring"):
            headers["authorization"] = f"Bearer token-of-{order.token}"
        elif order.token == "unknown":
            headers["authorization"] = f"Bearer {_UNKNOWN_TOKEN}"
        if order.form.startswith("event"):
            return _cloud_event(event, order)
        if order.key:
            headers["idempotency-key"] = order.key
        if order.form == "ndjson":
            headers["content-type"] = "application/x-ndjson"
            end = "\n" * (self._world.kernel.number(f"{order.name}/end") < 0.5)
            event["body"] = "\n".join(item.text for item in order.items) + end
            return event
        data = (
            "[" + ", ".join(item.text for item in order.items) + "]"
            if order.form == "batch"
            else order.items[0].text
        )
        inside = {"body": token, "both": token, "different": _UNKNOWN_TOKEN}.get(order.token)
        shown = f'"token": "{inside}", ' if inside else ""
        event["body"] = f'{{{shown}"data": {data}}}'
        return event


def _webhook(event: dict[str, Any], order: Order) -> dict[str, Any]:
    body = order.items[0].text
    digest = hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
    event["pathParameters"]["client"] = order.client
    event["headers"] |= {
        "x-github-delivery": str(order.key),
        "x-github-event": "push",
        "x-hub-signature-256": f"sha256={digest}",
    }
    event["body"] = body
    return event


def _cloud_event(event: dict[str, Any], order: Order) -> dict[str, Any]:
    attributes = {"specversion": "1.0", "id": order.key, "source": "/simulated", "type": "t"}
    text = order.items[0].text
    if order.form == "event":
        event["headers"]["content-type"] = "application/cloudevents+json"
        text = f'{json.dumps(attributes)[:-1]}, "data": {text}}}'
    else:
        event["headers"] |= {f"ce-{name}": str(value) for name, value in attributes.items()}
    event["body"] = text
    return event


def outcomes_of(answer: Any, count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the status and the receipt or problem of each item of an *answer*."""
    document = json.loads(answer["body"]) if answer.get("body") else {}
    for name, value in answer["headers"].items():  # of an event
        if name.startswith("weir-"):
            document[name.removeprefix("weir-").replace("-", "_")] = value
    if "results" in document:
        for result in document["results"]:
            yield result["http_status"], result
        return
    for _ in range(count):
        yield answer["statusCode"], document


@lru_cache
def _sample() -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((EVENTS / "post_four_fields.json").read_text())
    return sample


def request_event(route: str, contract: str) -> dict[str, Any]:
    """Return the event of a request as API Gateway makes it, without token and body."""
    method, path = route.split(" ")
    sample = _sample()
    parameters = {"contract": contract} if "{contract}" in path else {}
    context = sample["requestContext"]
    return {
        **sample,
        "routeKey": route,
        "rawPath": path.replace("{contract}", contract),
        "requestContext": {**context, "http": {**context["http"], "method": method}},
        "pathParameters": parameters,
        "headers": {"content-type": "application/json"},
        "body": None,
        "isBase64Encoded": False,
    }
