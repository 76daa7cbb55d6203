"""The judge: it knows what was promised, and looks at the bucket, the queues and the answers.

A promise is a 202 that left the validator, whether or not the sender ever saw it.
"""

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .s3 import Object
from .senders import DAY, HOUR, KEYED, REFUSED_CLIENTS, SIGNER, Item, Order, outcomes_of

if TYPE_CHECKING:
    from .functions import Environment, Result
    from .world import World

_SECONDS_OF_A_REQUEST = 16.0  # its id is made as it begins, and its key is judged later
KEPT = ("messages/", "batches/", "quarantine/")  # the rest of a bucket is idempotency keys
# How long a message may take once every service works again: the longest pause, a visibility
# timeout, and what is left of a batching window.
SECONDS_TO_STORE = 900 + 420 + 120
_ANSWERS = {200, 202, 207, 400, 401, 403, 404, 409, 413, 415, 422, 429, 503}
_SECONDS_TO_LEARN_A_TOKEN = 75.0
_SECONDS_TO_FORGET_A_TOKEN = 240.0 + 75.0
# An outage this long must not use up the receives of a message.
_SECONDS_OF_OUTAGE = HOUR + 60


@dataclass(frozen=True, slots=True)
class Promise:
    """One item of one 202."""

    message_id: str
    order: Order
    index: int
    item: Item
    started: float
    answered: float
    is_shaky: bool  # something has gone wrong for the environment that answered

    @property
    def scope(self) -> tuple[str, str, str | None]:
        """What the order's key belongs to."""
        return self.order.client, self.order.contract, self.order.key


@dataclass(frozen=True, slots=True)
class Try:
    """One answer, or none, to an order."""

    order: Order
    started: float
    ended: float
    kind: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as a reader finds it."""

    key: str
    line: bytes
    members: dict[str, str]
    text: bytes


class Checker:
    """Collects what was promised and seen, and says what is wrong."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.promises: list[Promise] = []
        self.tries: list[Try] = []
        self.faults: list[str] = []
        self.foreign: dict[str, tuple[bytes, dict[str, Any]]] = {}  # by a name within the body
        self.deleted: set[str] = set()  # message ids that a person or the lifecycle deleted
        self.statuses: dict[int, int] = defaultdict(int)

    def say(self, fault: str) -> None:
        """Note that a promise of the product is broken."""
        self.faults.append(fault)
        self._world.kernel.note(f"WRONG: {fault}")

    # ---- while the world runs

    def answered(
        self, order: Order, result: "Result", environment: "Environment", started: float
    ) -> list[str | None] | None:
        """Judge one answer; return each item's id, or None if the sender must try again."""
        now = self._world.kernel.now
        self.tries.append(Try(order, started, now, result.kind))
        self._world.last_work = max(self._world.last_work, self._world.time_of_day())
        answer = self._answer(order.name, result, environment)
        if answer is None:
            return None
        status = answer["statusCode"]
        self._world.kernel.note(f"{order.name} <- {status} by {environment.name}")
        found = list(outcomes_of(answer, len(order.items)))
        if len(found) != len(order.items):
            self.say(f"{order.name} has {len(order.items)} items and {len(found)} results")
            return None
        may_be_known = (
            order.is_known
            or self._is_cached(order, environment, started)
            or self._is_unexpired(order, started)
        )
        if not may_be_known or (status in (401, 503) and not order.is_known):
            right = {401, 503, REFUSED_CLIENTS.get(order.token, 401)}
            if status not in right:
                self.say(f"{order.name} shows a wrong token and gets {status}")
            is_right = self._is_unexpired(order, now + 2 * self._skew)
            if status == 401 and is_right and not self._world.has_released_validator:
                self.say(f"{order.name} gets 401 for a token before it expires")
            return None if status == 503 else [None] * len(found)
        if status == 401:
            return self._refused_token(order, environment, started)
        ids: list[str | None] = []
        for index, (item, (code, document)) in enumerate(zip(order.items, found, strict=True)):
            ids.append(None)
            if code == 202:
                ids[-1] = self._promised(order, index, item, document, started, environment)
            elif code == 409:
                self._conflicted(order, index, item, started)
            elif code != 503 and item.is_valid:
                self.say(f"{order.name}: valid item {index} is refused with {code}: {document}")
            elif code == 503 and not item.is_valid and status != 503:
                self.say(f"{order.name}: invalid item {index} gets 503")
            elif code == 503 and not environment.faulted:
                self.say(f"{order.name}: item {index} gets 503 though nothing has failed")
        if status == 202 and None in ids:
            self.say(f"{order.name} gets 202 though not every item is queued")
        if status == 202 and len(order.items) == 1 and order.form not in ("batch", "ndjson"):
            location = answer["headers"].get("location")
            place = f"/messages/{order.contract}/{ids[0]}"
            # 0.1.0 named a place in layout batch too.
            is_old = environment.release.name == "previous"
            has_place = is_old or self._world.layout_of(order.contract) == "message"
            if location != (place if has_place else None):
                self.say(f"{order.name}: the Location is {location}")
        if any(code == 503 for code, _ in found):
            return None
        return ids

    def _answer(self, name: str, result: "Result", environment: "Environment") -> Any:
        if result.kind == "killed":
            return None
        # 0.1.0 allowed for one address for each name.
        if result.kind == "timeout" and environment.release.name == "previous":
            return None
        if result.kind == "timeout":
            self.say(f"{name}: the validator runs into Lambda's time-out")
            return None
        if result.kind == "error":
            self.say(f"{name}: the validator raises {result.error!r}")
            return None
        answer = result.answer
        status = answer["statusCode"]
        self.statuses[status] += 1
        if status not in _ANSWERS:
            self.say(f"{name}: the answer is {status}")
            return None
        if status == 503 and "retry-after" not in answer["headers"]:
            self.say(f"{name}: a 503 without Retry-After")
        return answer

    def _refused_token(
        self, order: Order, environment: "Environment", started: float
    ) -> list[str | None] | None:
        since = self._world.token_since(order.client)
        learnt = since + _SECONDS_TO_LEARN_A_TOKEN
        if since < 0 or (started > learnt and not environment.faulted):
            self.say(f"{order.name}: a token of {order.client} that has long been valid gets 401")
        return None

    def _is_cached(self, order: Order, environment: "Environment", started: float) -> bool:
        """Return whether an old token may still be known."""
        until = self._world.old_token_until(order.client)
        return order.token == "old" and (
            environment.faulted or started < until + _SECONDS_TO_FORGET_A_TOKEN
        )

    @property
    def _skew(self) -> float:
        """The seconds by which a clock may be wrong, with a millisecond for rounding."""
        return self._world.largest_skew + 0.001

    def _is_unexpired(self, order: Order, moment: float) -> bool:
        """Return whether the token of the client *expiring* may be taken at *moment*."""
        return order.token == "expiring" and moment <= self._world.expires_at + self._skew

    def _promised(
        self,
        order: Order,
        index: int,
        item: Item,
        document: dict[str, Any],
        started: float,
        environment: "Environment",
    ) -> str:
        now = self._world.kernel.now
        message_id = str(document.get("message_id"))
        if not item.is_valid:
            self.say(f"{order.name}: invalid item {index} gets 202")
        if document.get("contract") != order.contract or document.get("status") != "queued":
            self.say(f"{order.name}: the receipt of item {index} is {document}")
        if document.get("received_at") != _text_of(_moment_of(message_id)):
            self.say(f"{order.name}: received_at of item {index} is not its id's")
        born = _moment_of(message_id) - self._world.epoch
        slack = self._world.largest_skew + 0.01
        oldest = started - slack - (order.lifetime + 2 * slack if order.key else 0)
        if not oldest <= born <= now + slack:
            self.say(f"{order.name}: the id of item {index} is of another time")
        self.promises.append(
            Promise(message_id, order, index, item, started, now, environment.faulted)
        )
        return message_id

    def _conflicted(self, order: Order, index: int, item: Item, started: float) -> None:
        if order.key is None or order.form == "webhook":
            self.say(f"{order.name} has no key that stands for its body, and gets 409")
            return
        slack = 2 * self._world.largest_skew + _SECONDS_OF_A_REQUEST
        scope = (order.client, order.contract, order.key)
        for each in self._world.orders:
            if (each.client, each.contract, each.key) == scope and (
                each.is_known or each.token == "old"
            ):
                other = each.items[index] if index < len(each.items) else None
                # An item that was invalid stands for nothing, so its place is free.
                is_other = other is None or (other.is_valid and other.text != item.text)
                if is_other and any(
                    one.order is each and started - one.ended < DAY + slack
                    for one in (*self.tries, *self._running(each))
                ):
                    return
        self.say(f"{order.name}: item {index} gets 409, and nothing else was sent under its key")

    def _running(self, order: Order) -> list[Try]:
        now = self._world.kernel.now
        return [Try(order, now, now, "running")] if order.moment <= now else []

    def looked_up(
        self,
        contract: str,
        message_id: str,
        known: bool,
        result: "Result",
        environment: "Environment",
    ) -> None:
        """Judge the answer to a look-up; *known* says whether the message was there before."""
        answer = self._answer(f"look-up of {message_id}", result, environment)
        searches = environment.release.name != "previous" or self._world.layout == "message"
        if answer is None or not searches:
            return
        document = json.loads(answer["body"])
        if answer["statusCode"] == 404 and self._world.is_of_one_release:
            reason = {"message": "not-stored", "batch": "not-traceable"}
            if not document["type"].endswith(reason[self._world.layout_of(contract)]):
                self.say(f"the look-up of {message_id} ({contract}) gets {document['type']}")
        here = self.stored_now(message_id)
        if answer["statusCode"] == 200:
            if not (known or here) and message_id not in self.deleted:
                self.say(f"the receipt of {message_id} says stored, and it is not")
            elif found := self._world.bucket.objects.get(document["key"]):
                if document["size_bytes"] != len(found.body):
                    self.say(f"the receipt of {message_id} has a wrong size")
            elif here:
                self.say(f"the receipt of {message_id} names a key that is not there")
        elif answer["statusCode"] == 404 and known and here:
            self.say(f"{message_id} is stored, and its receipt says that it is not")
        elif answer["statusCode"] == 503 and not environment.faulted:
            self.say(f"the look-up of {message_id} gets 503 though nothing has failed")

    def stored_now(self, message_id: str) -> bool:
        """Return whether an object of layout message holds *message_id*."""
        return any(
            found.metadata.get("message_id") == message_id
            for key, found in self._world.bucket.objects.items()
            if key.startswith("messages/")
        )

    def invoked(self, result: "Result", environment: "Environment") -> None:
        """Judge how the uploader ended."""
        if result.kind == "timeout":
            self.say("the uploader runs into Lambda's time-out")
        elif result.kind == "error":
            names = {kind.__name__ for kind in type(result.error).__mro__}
            if "SystemicError" not in names:
                self.say(f"the uploader raises {result.error!r}")
            elif not environment.faulted:
                self.say(f"the uploader raises {result.error!r} though nothing has failed")
        elif (
            result.kind == "answer"
            and not environment.faulted
            and (result.answer or {}).get("batchItemFailures")
        ):
            self.say("the uploader reports failures though nothing has failed")

    # ---- in the end

    def conclude(self) -> None:
        """Judge what is left when every service has worked for long enough."""
        stored = self._read_bucket()
        self._judge_queues()
        self._judge_promises(stored)
        self._judge_stored(stored)
        self._judge_keys()
        self._judge_changes()
        self._judge_foreign()

    def _read_bucket(self) -> dict[str, list[Stored]]:
        stored: dict[str, list[Stored]] = defaultdict(list)
        for key, found in self._world.bucket.objects.items():
            if key.startswith("messages/"):
                members = found.metadata
                stored[members.get("message_id", "")].append(
                    Stored(key, found.body, members, found.body)
                )
            elif key.startswith("batches/"):
                for each in self._lines(key, found):
                    stored[each.members.get("message_id", "")].append(each)
        return stored

    def _lines(self, key: str, found: Object) -> list[Stored]:
        lines = []
        for line in gzip.decompress(found.body).splitlines(keepends=True):
            head, _, text = line.rstrip(b"\n").partition(b', "message": ')
            members = json.loads(head + b"}")
            json.loads(line)
            lines.append(Stored(key, line, members, text.removesuffix(b"}")))
        if len({each.members["message_id"] for each in lines}) < len(lines):
            self.say(f"{key} holds a message twice")
        return lines

    def _judge_queues(self) -> None:
        for queue in (self._world.queue, self._world.dead_letters):
            if queue.held:
                self.say(f"{len(queue.held)} messages never leave the queue {queue.name}")
            for held in queue.expired:
                self.say(f"{held.sqs_id} expires in the queue {queue.name}")

        lived = self._world.span <= _SECONDS_OF_OUTAGE
        if self._world.queue.buried and lived and self._world.has_real_receives:
            self.say("a message reaches the dead-letter queue within an hour")

    def _judge_promises(self, stored: dict[str, list[Stored]]) -> None:
        for promise in self.promises:
            found = stored.get(promise.message_id, [])
            if not found:
                if promise.message_id not in self.deleted:
                    self.say(f"LOST: {promise.message_id} of {promise.order.name}")
                continue
            right = {promise.item.stored}
            if promise.order.form == "webhook":  # the first body of a delivery is stored
                right |= {each.item.stored for each in self.promises if each.scope == promise.scope}
                right |= {
                    item.stored
                    for each in self._world.orders
                    if (each.client, each.contract, each.key) == promise.scope
                    for item in each.items
                    if item.is_valid
                }
            if any(each.text not in right for each in found):
                self.say(f"{promise.message_id} of {promise.order.name} is not stored as sent")
            if promise.order.contract != found[0].members.get("contract") or (
                promise.order.client != found[0].members.get("client")
            ):
                self.say(f"{promise.message_id} is stored under another client or contract")
        by_id: dict[str, Promise] = {}
        for promise in self.promises:
            first = by_id.setdefault(promise.message_id, promise)
            if first is not promise and not (
                promise.order.key is not None
                and first.scope == promise.scope
                and first.index == promise.index
                and (first.item.text == promise.item.text or promise.order.form == "webhook")
            ):
                self.say(f"{promise.message_id} is the id of two messages")

    def _judge_stored(self, stored: dict[str, list[Stored]]) -> None:
        sent = {
            (order.client, order.contract, item.stored)
            for order in self._world.orders
            if order.is_known or order.token in ("old", "expiring")
            for item in order.items
            if item.is_valid
        }
        for message_id, found in stored.items():
            in_objects = [each for each in found if each.key.startswith("messages/")]
            if len(in_objects) > 1:
                self.say(f"TWICE: {message_id} in {[each.key for each in in_objects]}")
            one = found[0]
            members = one.members
            # An older uploader leaves the context out.
            lines = {each.line if self._world.is_of_one_release else each.text for each in found}
            # Another body of a delivery has the delivery's id, and layout batch keeps both.
            bodies = {each.text for each in found} if members["client"] == SIGNER else {one.text}
            if len(lines) > len(bodies) and not in_objects:
                self.say(f"{message_id} is stored in unequal lines")
            if (members["client"], members["contract"], one.text) not in sent:
                self.say(f"{message_id} is stored, and nobody has sent it so")
            received = _moment_of(message_id)
            expected = {
                "message_id": message_id,
                "contract_version": "1",
                "received_at": _text_of(received),
            }
            self._judge_context(message_id, members)
            if any(members.get(name) != value for name, value in expected.items()):
                self.say(f"{message_id} is stored with {members}")
            self._judge_place(message_id, found, received)

    def _judge_context(self, message_id: str, members: dict[str, str]) -> None:
        """Judge what is kept beside a webhook or an event; an older uploader keeps nothing."""
        if not self._world.is_of_one_release:
            return
        part = {SIGNER: "delivery", KEYED: "cloudevent"}.get(members["client"])
        context = json.loads(members.get("context", "{}"))
        if context.keys() != ({part} if part else set()):
            self.say(f"{message_id} of {members['client']} has the context {context}")
        elif part:
            sent = {each.order.key for each in self.promises if each.message_id == message_id}
            if sent and sent != {context[part]["id"]}:
                self.say(f"{message_id} has the context of {context[part]['id']}")

    def _judge_place(self, message_id: str, found: list[Stored], received: float) -> None:
        moment = datetime.fromtimestamp(int(received * 1000) // 1000, UTC)
        partition = f"dt={moment:%Y-%m-%d}/hour={moment:%H}/"
        for each in found:
            contract = each.members["contract"]
            folder = each.key.removesuffix(each.key.rpartition("/")[2])
            root = {"message": "messages", "batch": "batches"}[self._world.layout_of(contract)]
            if f"/{partition}" not in each.key:
                self.say(f"{message_id} is stored in another hour: {each.key}")
            elif (
                self._world.is_of_one_release
                and folder != f"{root}/contract={contract}/{partition}"
            ):
                self.say(f"{message_id} of {contract} is stored in another place: {each.key}")
            elif each.key.startswith("messages/"):
                milliseconds = int(_milliseconds(message_id)) % 1000
                name = f"{moment:%Y%m%dT%H%M%S}.{milliseconds:03}Z_{message_id}.json"
                if each.key != f"messages/contract={contract}/{partition}{name}":
                    self.say(f"{message_id} is stored at {each.key}")

    def _judge_keys(self) -> None:
        scopes: dict[Any, list[Promise]] = defaultdict(list)
        for promise in self.promises:
            if promise.order.key is not None:
                scopes[promise.scope].append(promise)
        slack = 2 * self._world.largest_skew + _SECONDS_OF_A_REQUEST
        for scope, promises in scopes.items():
            for at, one in enumerate(promises):
                for other in promises[:at]:
                    born, born_other = _moment_of(one.message_id), _moment_of(other.message_id)
                    same = one.index == other.index and one.item.text == other.item.text
                    if one.order.form == "webhook":
                        near = abs(born - born_other) < one.order.lifetime - slack
                        certain = not (one.is_shaky or other.is_shaky)
                        if near and certain and one.message_id != other.message_id:
                            self.say(f"{scope} gives two ids, and S3 has not failed")
                        continue
                    if born != born_other and abs(born - born_other) < DAY - slack:
                        self.say(f"{scope} stands for two claims within a day")
                    elif born == born_other and same != (one.message_id == other.message_id):
                        self.say(f"{scope} gives {one.message_id} and {other.message_id}")
                    elif (
                        born == born_other
                        and one.index == other.index
                        and not same
                        # 0.1.0 did not keep an item that was invalid at first.
                        and not self._world.has_released_validator
                    ):
                        self.say(f"{scope} takes two bodies at place {one.index}")

    def _judge_changes(self) -> None:
        for change in self._world.bucket.changes:
            if change.before and change.after and change.key.startswith(KEPT):
                self.say(f"{change.key} is overwritten")
        calm = self._world.epoch + self._world.weather.calm
        # A world may have a single poller, which takes a batching window for a single record.
        stored = sum(change.after is not None for change in self._world.bucket.changes)
        longest = SECONDS_TO_STORE + self._world.batching_window * stored
        for change in self._world.bucket.changes:
            if change.after and change.key.startswith(("messages/", "batches/")):
                late = change.moment - max(calm, self._world.last_work)
                if late > longest:
                    self.say(f"{change.key} is stored {late:.0f} s after all is well")

    def _judge_foreign(self) -> None:
        kept: dict[str, int] = defaultdict(int)
        for key, found in self._world.bucket.objects.items():
            if not key.startswith("quarantine/"):
                continue
            body = found.body
            name = next((name for name in self.foreign if name.encode() in body), None)
            if name is None:
                self.say(f"{key} is in quarantine, and a message")
                continue
            kept[name] += 1
            text, attributes = self.foreign[name]
            if body != text:
                self.say(f"{key} does not have its bytes")
            if _full(json.loads(found.metadata["message_attributes"])) != _full(attributes):
                self.say(f"{key} does not have its attributes")
        for name in self.foreign:
            if not kept[name]:
                self.say(f"LOST: the foreign record {name}")


def _full(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return *attributes* without the empty lists, which 0.1.0 wrote into quarantine too."""
    return {
        name: {part: value for part, value in attribute.items() if value != []}
        for name, attribute in attributes.items()
    }


def _milliseconds(message_id: str) -> int:
    try:
        return UUID(message_id).int >> 80
    except ValueError:
        return 0


def _moment_of(message_id: str) -> float:
    return _milliseconds(message_id) / 1000


def _text_of(moment: float) -> str:
    milliseconds = round(moment * 1000)
    text = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{text:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"
