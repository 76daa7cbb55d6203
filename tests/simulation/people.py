"""What people and AWS do beside the traffic: replay, rotate, delete, deploy, expire."""

import base64
from typing import TYPE_CHECKING, Any

from . import substitutes
from .checker import KEPT
from .functions import Environment
from .kernel import Actor
from .senders import CLIENTS, DAY, Sender, order_with_old_token

if TYPE_CHECKING:
    from .world import World

# Records that are not Weir messages, as (body, attributes that are left out or wrong).
_FOREIGN: tuple[tuple[str, dict[str, str | None]], ...] = (
    ("no json: {name}", {}),
    ('["{name}"]', {}),
    ('{{"name": "{name}"}}', {"message_id": None}),
    ('{{"name": "{name}"}}', {"message_id": "0190163d-8694-439b-aea5-966c26f8ad91"}),
    ('{{"name": "{name}"}}', {"contract": "_-tenant"}),
    ('{{"name": "{name}"}}', {"client": "A client"}),
    ('{{"name": "{name}"}}', {"contract_version": "01"}),
    ('{{"name": "{name}", "not": NaN}}', {}),
    ('{{"name": "{name}"}}', {"layout": "heap"}),  # 0.1.0 knows no layout
)
_GOOD = {
    "message_id": "0190163d-8694-739b-aea5-966c26f8ad91",
    "contract": "email",
    "client": "alpha",
    "contract_version": "1",
}


class People:
    """Everybody beside the senders."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._replays = self._under_way = 0

    def start(self) -> None:
        """Plan what is done in this world."""
        world, number = self._world, self._world.kernel.number
        for at in range(int(number("people/foreign") ** 3 * 4)):
            self._plan(f"foreign-{at}", lambda at=at: self._send_foreign(at))
        for at in range(int(number("people/rotations") ** 3 * 3)):
            self._plan(f"rotate-{at}", lambda at=at: self._rotate(at))
        for at in range(int(number("people/deletions") ** 3 * 3)):
            self._plan(f"delete-{at}", lambda at=at: self._delete(at))
        for at in range(int(number("people/replays") ** 3 * 3)):
            self._plan(f"replay-{at}", lambda at=at: self._replay(at))
        if world.span > DAY:
            for day in range(1, 1 + int(world.span // DAY) + 3):
                world.kernel.spawn(self._expire, Actor(f"lifecycle-{day}"), delay=day * DAY)

    def _plan(self, name: str, act: Any) -> None:
        world = self._world
        delay = world.kernel.number(f"{name}/when") * world.span
        world.kernel.spawn(act, Actor(name), delay=delay)

    def _send_foreign(self, at: int) -> None:
        for twin in "ab":  # at the same moment
            self._send_one(f"foreign-{at}{twin}-record", f"foreign-{at}/form")

    def _send_one(self, name: str, site: str) -> None:
        world = self._world
        form, binary, _, _ = world.kernel.numbers(site)
        known = _FOREIGN if world.is_of_one_release else _FOREIGN[:-1]
        text, wrong = known[int(form * len(known))]
        if not world.kernel.happens(name, f"somebody sends {text.format(name=name)}"):
            return
        attributes: dict[str, dict[str, Any]] = {
            key: {"DataType": "String", "StringValue": value}
            for key, value in (_GOOD | wrong).items()
            if value is not None
        }
        if binary < 0.3:
            attributes["blob"] = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
        body = text.format(name=name)
        world.checker.foreign[name] = (
            body.encode(),
            {key: _as_lambda(value) for key, value in attributes.items()},
        )
        world.queue.send(body, attributes, "somebody")

    def _rotate(self, at: int) -> None:
        world = self._world
        client = CLIENTS[int(world.kernel.number(f"rotate-{at}/who") * len(CLIENTS))]
        if world.kernel.happens(f"rotate-{at}", f"{client} gets another token"):
            world.give_token(client, f"token-{at}-of-{client}")
            for later in (100.0, 330.0, 600.0, 3000.0):
                world.kernel.sleep(later)
                if later == 100.0:
                    world.end_old_token(client)
                order = order_with_old_token(world, f"rotate-{at}-after-{later:.0f}", client)
                world.orders.append(order)
                Sender(world, order).start()

    def _delete(self, at: int) -> None:
        world = self._world
        keys = [key for key in world.bucket.objects if key.startswith(("messages/", "batches/"))]
        if keys and world.kernel.happens(f"delete-{at}", "somebody deletes a stored object"):
            key = keys[int(world.kernel.number(f"delete-{at}/which") * len(keys))]
            world.delete(key)

    def _expire(self) -> None:
        """Let the lifecycle take idempotency keys: old ones, and older ones from their bucket."""
        world = self._world
        now = world.time_of_day()
        for bucket in world.buckets:
            oldest = 2 * DAY if bucket is world.bucket else 5 * DAY
            for key, found in list(bucket.objects.items()):
                if not key.startswith(KEPT) and now - found.moment > oldest:
                    bucket.delete(key, now)

    def _replay(self, at: int) -> None:
        world = self._world
        which, apply, _, _ = world.kernel.numbers(f"replay-{at}/options")
        source = ("all", "dead-letter", "quarantine")[int(which * 3)]
        options = ["--source", source] + ["--apply"] * (apply < 0.8)
        if world.kernel.happens(f"replay-{at}", f"somebody runs replay {' '.join(options)}"):
            self.replay(f"replay-{at}", options)

    def replay(self, name: str, options: list[str]) -> int | None:
        """Run the replay command in a process of its own; return its exit code, None if killed."""
        world, kernel = self._world, self._world.kernel
        process = Environment(name, world.current, 0.0, 0.0)
        process.busy = True
        ended = kernel.signal()
        codes: list[int] = []
        before = _places(world)
        self._replays += 1
        number = self._replays
        alone = not self._under_way
        self._under_way += 1
        main = world.current.module("replay", "__main__").main
        command = [
            "--queue-url",
            world.queue.name,
            "--bucket",
            world.BUCKET,
            "--dead-letter-queue-url",
            world.dead_letters.name,
            "--rate",
            "50",
            *options,
        ]

        def run() -> None:
            try:
                codes.append(main(command))
            except SystemExit as error:
                codes.append(int(error.code or 0))
            except Exception as error:
                world.checker.say(f"replay raises {error!r}")
            ended.send()

        def end(_: str) -> None:
            kernel.kill(process)
            ended.send()

        process._end = end
        substitutes.enter(world)
        kernel.spawn(run, Actor(process.name), process)
        ended.wait()
        self._under_way -= 1
        code = codes[0] if codes else None
        # Another replay beside it may well change something.
        alone = alone and number == self._replays
        if (
            code == 0
            and alone
            and not process.faulted
            and "--apply" not in options
            and _places(world, before) != before
        ):
            world.checker.say("a replay without --apply changes something")
        return code


def _places(world: "World", among: Any = None) -> Any:
    """Return what lies in the dead-letter queue and in quarantine."""
    letters = set(world.dead_letters.held)
    kept = {key for key in world.bucket.objects if key.startswith("quarantine/")}
    if among:
        letters &= among[0]
        kept &= among[1]
    return letters, kept


def _as_lambda(attribute: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"dataType": attribute["DataType"]}
    if "StringValue" in attribute:
        value["stringValue"] = attribute["StringValue"]
    else:
        value["binaryValue"] = base64.b64encode(attribute["BinaryValue"]).decode()
    return value | {"stringListValues": [], "binaryListValues": []}
