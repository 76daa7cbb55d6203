"""The canary in a world: its schedule, and the API that it reaches from outside."""

import json
from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from urllib3.exceptions import ProtocolError

from .functions import Function
from .kernel import Actor
from .senders import Item, Order, request_event

if TYPE_CHECKING:
    from .world import World

CANARY = "canary"
MINUTE = 60.0


class Canary:
    """The canary's function, invoked each minute for the first *runs* minutes of a world."""

    def __init__(self, world: "World", function: Function, runs: int) -> None:
        self._world = world
        self._function = function
        self._runs = runs
        self._actor = Actor("canary-schedule")
        self._sent = 0
        # What it published, by the minute, as CloudWatch keeps the maximum.
        self.published: dict[str, dict[int, float]] = defaultdict(dict)

    def start(self) -> None:
        """Begin with the first minute; in most worlds it gets another token on the way."""
        kernel = self._world.kernel
        if self._runs:
            kernel.spawn(self._run, self._actor)
            when = kernel.number("canary-rotation") * 2 * self._runs * MINUTE
            kernel.spawn(self._rotate, Actor("canary-rotation"), delay=when)

    def _run(self) -> None:
        kernel = self._world.kernel
        if not kernel.happens("canary", f"the canary runs for {self._runs} minutes"):
            return
        for minute in range(self._runs):
            kernel.spawn(self._invoke, Actor(f"canary-minute-{minute}"))
            kernel.sleep(MINUTE)

    def _rotate(self) -> None:
        world = self._world
        if world.kernel.happens("canary-rotation", "the canary gets another token"):
            world.give_token(CANARY, "another-token-of-canary")
            world.kernel.sleep(2 * MINUTE)
            world.end_old_token(CANARY)

    def _invoke(self) -> None:
        world, minute = self._world, int(self._world.kernel.now // MINUTE)
        result, environment = self._function.invoke({})
        if result.kind == "error" and not environment.faulted:
            world.checker.say(f"the canary raises {result.error!r} though nothing has failed")
        world.kernel.note(f"minute {minute} of the canary: {result.kind}")

    def metered(self, name: str, value: float) -> None:
        """Keep a metric of the canary."""
        minute = int(self._world.time_of_day() // MINUTE) * int(MINUTE)
        series = self.published[name]
        series[minute] = max(value, series.get(minute, 0.0))

    def call(self, method: str, url: str, headers: dict[str, str], body: Any) -> Any:
        """Answer a request of the canary as the API does; every message is an order."""
        world, path = self._world, urlsplit(url).path
        token = headers["Authorization"].removeprefix("Bearer ")
        started = world.kernel.now
        _, contract, *rest = path.strip("/").split("/")
        route = "POST /messages/{contract}" if method == "POST" else _LOOK_UP
        event = request_event(route, contract)
        event["headers"]["authorization"] = headers["Authorization"]
        if rest:
            event["pathParameters"]["message_id"] = rest[0]
            known = world.checker.stored_now(rest[0])
        else:
            event["body"] = json.dumps(body)
            order = self._order(body["data"], token)
        result, environment = world.validator.invoke(event)
        if rest:
            world.checker.looked_up(contract, rest[0], known, result, environment)
        else:
            world.checker.answered(order, result, environment, started)
        if result.kind == "killed":
            raise ProtocolError("Connection aborted.")
        if result.kind != "answer":
            return SimpleNamespace(status=500, data=b'{"message":"Internal Server Error"}')
        answer = result.answer
        return SimpleNamespace(status=answer["statusCode"], data=answer["body"].encode())

    def _order(self, message: dict[str, str], token: str) -> Order:
        world = self._world
        self._sent += 1
        item = Item(json.dumps(message), is_valid=True)
        shown = "header" if token == world.token_of(CANARY) else "old"
        name = f"canary-{self._sent}"
        moment = world.kernel.now
        order = Order(name, CANARY, CANARY, "single", (item,), None, shown, moment)
        world.orders.append(order)
        return order


_LOOK_UP = "GET /messages/{contract}/{message_id}"
