"""One world: a stack, its senders, its weather, all of it made from one seed."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, ClassVar

from botocore.config import Config

from tests.support.template import (
    function_properties,
    resolved,
    template,
    template_environment,
)

from . import substitutes
from .canary import CANARY, Canary
from .checker import Checker
from .functions import Function, Poller
from .kernel import Actor, Event, Kernel, RestlessError
from .network import Client, Outage, Weather
from .people import People
from .product import Release
from .s3 import Bucket, S3Client
from .senders import (
    CLIENTS,
    CONTRACTS,
    DAY,
    HOUR,
    KEYED,
    SECRET,
    SIGNER,
    Order,
    Sender,
    orders,
)
from .sqs import Queue, SqsClient
from .ssm import SsmClient

_EPOCH = 1_768_435_200.0  # 2026-01-15, midnight UTC
_TOKENS = f"/weir/{resolved({'Ref': 'Stage'})}/tokens"
_WRITE_ONCE = ("messages/", "batches/", "quarantine/")
_LONGEST_HIDDEN = 1000.0
_CLIENT_KINDS: dict[str, Any] = {"s3": S3Client, "sqs": SqsClient, "ssm": SsmClient}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one world."""

    number: int
    layout: str
    faults: list[str]
    events: list[Event]
    digest: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Code:
    """The code that runs: this checkout's, and the previous release's if it is there."""

    current: Release
    previous: Release | None = None


class World:
    """A stack and everybody around it. Every name without an underscore is for its parts."""

    STEPS: ClassVar[int] = 500_000  # more than any honest world of this size takes
    BUCKET: ClassVar[str] = "MessageBucket"  # names here are the template's logical ids
    canarys_warmth: ClassVar[float] = 0.8  # how often it meets the messages that it sent before

    def __init__(
        self, seed: int, number: int, code: Code, allowed: frozenset[str] | None = None
    ) -> None:
        self.number = number
        self.kernel = Kernel(f"{seed}/{number}", allowed, self.STEPS)
        self.current = code.current
        self.layout = ("message", "batch")[number % 2]
        self._named = self._named_layouts()
        self.calls = self.cold_starts = self.deliveries = 0
        self.last_work = 0.0
        self.checker = Checker(self)
        self.bucket = Bucket(_WRITE_ONCE if _is_write_once() else ())
        self._buckets = {self.BUCKET: self.bucket}
        self.parameters: dict[str, str] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._old_tokens: dict[str, tuple[str, float]] = {}
        self._people = People(self)
        self._set_scale()
        self._set_weather()
        self._set_queues()
        self._set_functions(code)
        self.counted: Counter[str] = Counter()  # by metric
        self._set_canary()
        form = self.kernel.number("form of client entries")
        # 0.1.0 cannot read entries, so they are not written while it is deployed.
        self.has_entries = form < 0.6 and not self.has_released_validator
        for client in (*CLIENTS, CANARY):
            self.give_token(client, f"token-of-{client}")
            self._tokens[client] = (f"token-of-{client}", -DAY)
        self._tokens["expiring"] = ("token-of-expiring", -DAY)
        self._tokens |= {SIGNER: ("", -DAY), KEYED: (f"token-of-{KEYED}", -DAY)}
        self.expires_at = self.kernel.number("expiry") * min(self.span, 3 * HOUR)
        self._add_other_clients()
        self.orders = self._orders()
        for order in self.orders[-1:]:
            self.weather.calm = max(self.weather.calm, order.moment + 60.0)
        self.queue.calm = self.weather.calm

    # ---- how it is made

    def _orders(self) -> list[Order]:
        return orders(self)

    def _named_layouts(self) -> dict[str, str | None]:
        """Return the layout that each contract names, in half of the worlds; in others none does.

        Models belong to the release, and the worlds take turns: each sets them when it begins.
        """
        half, *names = self.kernel.numbers("layouts")
        kinds = (None, "message", "batch")
        named = {each: kinds[int(name * 3)] for each, name in zip(CONTRACTS, names, strict=True)}
        return named if half < 0.5 else dict.fromkeys(CONTRACTS)

    def _set_scale(self) -> None:
        length, start, skew, size = self.kernel.numbers("scale")
        self.span = 60.0 if length < 0.6 else HOUR if length < 0.85 else 26 * HOUR
        if length > 0.95:
            self.span = 75 * HOUR  # the lifecycle has taken keys by then
        self.epoch = _EPOCH + start * DAY
        if start < 0.3:  # an hour begins, or a day, while the first messages come in
            self.epoch = _EPOCH + int(start * 80) * HOUR - 0.3 * min(self.span, HOUR)
        self.largest_skew = (0.0, 0.2, 2.0, 30.0)[int(skew * 4)]
        self.edge = 3 * self.largest_skew + 60.0  # about a day after: on which side of the edge
        more, batch, page, giants = self.kernel.numbers("sizes")
        self.most_orders = 10
        self.largest_batch = 4 if size < 0.65 else 14 if size < 0.9 else 60
        self.batch_size = (1, 2, 5, 10, 100)[int(batch * 5)]
        self.batching_window = 5.0 if more < 0.5 else 0.5
        self.page_size = 1000 if page < 0.7 else 2
        self.has_giants = giants < 0.01
        if self.has_giants:
            self.largest_batch = 4
        self.look_ups = 0.3

    def _set_weather(self) -> None:
        level, service, kills, queue = self.kernel.numbers("weather")
        self.weather = Weather(calm=self.span + 120.0)
        self.lost_answers = self.refused_entries = self.lost_deletes = self.lapses = 0.0
        if level < 0.12:
            return
        heavy = level > 0.6
        rates = (0.0, 0.03, 0.1, 0.35, 0.7) if heavy else (0.0, 0.01, 0.03, 0.1, 0.2)
        self.weather.rates = {
            "s3": rates[int(service * 5)],
            "sqs": rates[int(service * 16) % 4],
            "ssm": rates[int(service * 64) % 4],
        }
        self.weather.kills = (0.0, 0.01, 0.05)[int(kills * 3)]
        self.lost_answers = (0.0, 0.1, 0.3)[int(kills * 9) % 3]
        self.refused_entries = (0.0, 0.05, 0.3)[int(kills * 27) % 3]
        self.lost_deletes = (0.0, 0.05, 0.3)[int(queue * 3)]
        self.lapses = (0.0, 0.05, 0.3)[int(queue * 9) % 3]
        for at in range(int(self.kernel.number("outages") ** 2 * 4)):
            self._set_outage(at)

    def _set_outage(self, at: int) -> None:
        which, how, start, length = self.kernel.numbers(f"outage-{at}")
        service = ("s3", "s3", "sqs", "ssm", "pollers")[int(which * 5)]
        kinds = ("503", "refused", "silent", "deaf", "mute", "slow", "denied", "disabled key")
        kind = kinds[int(how * (8 if service == "s3" else 7))]
        begin = start * self.span
        end = min(begin + length**2 * self.span, self.weather.calm)
        if length > 0.7 and kind in ("slow", "mute", "silent", "deaf"):
            service = "everything"
        text = f"{service} is out ({kind}) for {end - begin:.0f} s from {begin:.0f}"
        if self.kernel.happens(f"outage-{at}", text):
            self.weather.outages.append(Outage(service, begin, end, kind))

    def _set_queues(self) -> None:
        limit, timeout, again, back = self.kernel.numbers("queues")
        queue = template()["Resources"]["MessageQueue"]["Properties"]
        dead = template()["Resources"]["DeadLetterQueue"]["Properties"]
        visibility = float(queue["VisibilityTimeout"])
        self.visibility_timeout = visibility if timeout < 0.7 else 65.0
        self.dead_letters = Queue(
            self.kernel, "DeadLetterQueue", retention=float(dead["MessageRetentionPeriod"])
        )
        self.receives = int(queue["RedrivePolicy"]["maxReceiveCount"])
        self.queue = Queue(
            self.kernel,
            "MessageQueue",
            visibility_timeout=self.visibility_timeout,
            retention=float(queue["MessageRetentionPeriod"]),
            dead_letters=self.dead_letters,
            max_receive_count=self.receives if limit < 0.6 else 2 + int(limit * 100) % 4,
        )
        if self.weather.rates:
            self.queue.duplicates = (0.0, 0.02, 0.2)[int(again * 3)]
            self.queue.undeleted = (0.0, 0.02, 0.2)[int(back * 3)]

    def _set_functions(self, code: Code) -> None:
        self._was_released: set[str] = set()
        self.validator = Function(
            self,
            "validator",
            partial(self._environ, "validator"),
            function_properties("validator")["Timeout"],
            self._releases(code, "validator"),
        )
        self.uploader = Function(
            self,
            "uploader",
            partial(self._environ, "uploader"),
            function_properties("uploader")["Timeout"],
            self._releases(code, "uploader"),
        )
        for number in range(1, 2 + int(self.kernel.number("pollers") * 3)):
            Poller(self, f"poller-{number}").start()

    def _set_canary(self) -> None:
        """Let the canary run in each third world, unless 0.1.0 does, which lacks its contract."""
        environ = template_environment(CANARY, API_URL="https://api.invalid")
        timeout = function_properties(CANARY)["Timeout"]
        function = Function(
            self, CANARY, lambda: environ, timeout, lambda _: self.current, self.canarys_warmth
        )
        self.canary = Canary(self, function, self._canarys_runs())

    def _canarys_runs(self) -> int:
        if self.number % 3 or not self.is_of_one_release or not self.current.has(CANARY):
            return 0
        return 3 + int(8 * self.kernel.number("canary"))

    def _releases(self, code: Code, package: str) -> Any:
        """Return what says which release an invocation of *package* meets."""
        kind, share, moment, forward = self.kernel.numbers(f"releases/{package}")
        if code.previous is None or kind < 0.75:
            return lambda _: code.current
        previous: Release = code.previous
        before, after = (previous, code.current) if forward < 0.6 else (code.current, previous)
        # The gradual deployment: a tenth of the work first, and then everything.
        shift = moment * self.span
        text = f"the {package} goes from {before.name} to {after.name} at {shift:.0f}"
        if not self.kernel.happens(f"deployment of {package}", text):
            return lambda _: code.current
        self._was_released.add(package)

        def release(luck: float) -> Release:
            if self.kernel.now < shift - 300 or (self.kernel.now < shift and luck > 0.1 + share):
                return before
            return after

        return release

    def _environ(self, package: str) -> dict[str, str]:
        """Return the environment of *package* at a cold start now."""
        named = {"STORAGE_LAYOUT": self.layout}
        # Where 0.1.0 does not answer, the message bucket need not have the keys: from the
        # beginning, never, or from a deployment on, while older environments still run.
        moment = (2 * self.kernel.number("keys in their own bucket alone") - 0.5) * self.span
        if not self.has_released_validator and self.kernel.now >= moment:
            named["KEYS_ALSO_IN_MESSAGE_BUCKET"] = "false"
        return _template_environment(package) | named

    # ---- what its parts ask

    @property
    def has_released_validator(self) -> bool:
        """Whether 0.1.0's validator answers in this world, for a while."""
        return "validator" in self._was_released

    @property
    def is_of_one_release(self) -> bool:
        """Whether nothing of 0.1.0 runs in this world."""
        return not self._was_released

    def metered(self, name: str, value: float) -> None:
        """Keep what a function adds to a metric."""
        package = self.kernel.group().name.rpartition("-")[0]  # type: ignore[union-attr]
        if package == CANARY:
            self.canary.metered(name, value)
        else:
            self.counted[name] += int(value)

    def layout_of(self, contract: str) -> str:
        """Return the layout in which messages of *contract* are stored."""
        own = {CANARY: "message"} | self._named
        return own.get(contract) or self.layout

    def client(self, service: str, config: Config | None) -> Client:
        """Return what boto3 would give."""
        made: Client = _CLIENT_KINDS[service](self, config)
        return made

    def queue_at(self, url: str) -> Queue:
        """Return the queue with the address *url*."""
        return self.queue if url == self.queue.name else self.dead_letters

    def bucket_named(self, name: str) -> Bucket:
        """Return the bucket called *name*."""
        assert name in template()["Resources"], name
        return self._buckets.setdefault(name, Bucket())

    @property
    def has_real_receives(self) -> bool:
        """Whether a message may be received as often as the template says."""
        return self.queue.max_receive_count == self.receives

    @property
    def buckets(self) -> list[Bucket]:
        """Every bucket that anything was written to."""
        return list(self._buckets.values())

    def time_of_day(self) -> float:
        """Return the true time in Unix seconds."""
        return self.epoch + self.kernel.now

    def pollers_stopped_until(self) -> float:
        """Return when the pollers go on."""
        now = self.kernel.now
        return max(
            (each.end for each in self.weather.outages if each.covers("pollers", "", now)),
            default=0.0,
        )

    def refuses_invocation(self, site: str) -> bool:
        """Return whether Lambda itself fails an invocation."""
        return any(
            each.covers("lambda", "", self.kernel.now) and self.kernel.number(site) < each.share
            for each in self.weather.outages
        )

    def give_token(self, client: str, token: str) -> None:
        """Let *client* have *token*, and for a while the one before too if its entry can."""
        before = self._tokens.get(client)
        self._set_tokens(client, *([before[0]] if before and self.has_entries else []), token)
        if before:
            self._old_tokens[client] = before[0], self.kernel.now
        self._tokens[client] = (token, self.kernel.now)

    def end_old_token(self, client: str) -> None:
        """Let *client* have its newest token alone."""
        if self.has_entries:
            self._set_tokens(client, self._tokens[client][0])
            self._old_tokens[client] = self._old_tokens[client][0], self.kernel.now

    def _set_tokens(self, client: str, *tokens: str) -> None:
        value = tokens[-1]
        if self.has_entries and client == CANARY:
            value = _entry(*tokens, contracts=[CANARY], in_plain=True)
        elif self.has_entries:
            value = _entry(*tokens)
        self.parameters[f"{_TOKENS}/{client}"] = value

    def _add_other_clients(self) -> None:
        """Let there be clients that may not send, not every contract, or not for long."""
        yesterday, soon = (
            datetime.fromtimestamp(self.epoch + moment, UTC).isoformat()
            for moment in (-DAY, self.expires_at)
        )
        entries = {
            "limited": _entry("token-of-limited", contracts=["email"]),
            "reader": _entry("token-of-reader", rights=["look-up"]),
            "suspended": _entry("token-of-suspended", suspended=True),
            "expired": _entry("token-of-expired", expires_at=yesterday),
            "broken": '{"tokens": "token-of-broken"}',
            "expiring": _entry("token-of-expiring", expires_at=soon),
            KEYED: _entry(f"token-of-{KEYED}", keyed_events=True),
            SIGNER: _entry(signing={"scheme": "github", "secrets": [SECRET]}),
        }
        misspelled = {**json.loads(_entry("token-of-misspelled")), "contract": ["email"]}
        entries["misspelled"] = json.dumps(misspelled)
        self.parameters |= {f"{_TOKENS}/{name}": value for name, value in entries.items()}

    def token_of(self, client: str) -> str:
        """Return the token that *client* shows."""
        return self._tokens[client][0]

    def old_token_of(self, client: str) -> str:
        """Return the token that *client* had before the one that it has, if it had one."""
        return self._old_tokens.get(client, ("nobody-has-this-token-either", 0.0))[0]

    def old_token_until(self, client: str) -> float:
        """Return until when the old token of *client* was right."""
        return self._old_tokens.get(client, ("", -DAY))[1]

    def token_since(self, client: str) -> float:
        """Return since when *client* has its token."""
        return self._tokens[client][1]

    def delete(self, key: str) -> None:
        """Delete a stored object, as a person may, and remember what was in it."""
        found = self.bucket.objects[key]
        if key.startswith("messages/"):
            self.checker.deleted.add(found.metadata["message_id"])
        elif key.startswith("batches/"):
            lines = self.checker._lines(key, found)
            self.checker.deleted.update(line.members["message_id"] for line in lines)
        self.bucket.delete(key, self.time_of_day())

    # ---- how it goes

    def run(self) -> Report:
        """Let everything happen; judge it."""
        substitutes.enter(self)
        models = self.current.module("validator", "contracts.registry").CONTRACTS
        for contract, layout in self._named.items():
            models[contract].layout = layout
        for order in self.orders:
            Sender(self, order).start()
        self._people.start()
        self.canary.start()
        self.kernel.after(self.weather.calm, lambda: None)  # it does not end before
        try:
            self.kernel.run()
            self._replay_the_rest()
            self.checker.conclude()
        except RestlessError:
            self.checker.say("the world does not come to rest")
        self.kernel.close()
        return self._report()

    def _replay_the_rest(self) -> None:
        """Put dead letters back once every service works, as the runbook says."""
        for attempt in range(2):
            if not self.dead_letters.held:
                return
            actor = Actor(f"final-replay-{attempt}")
            self.kernel.spawn(partial(self._replay_all, actor.name), actor)
            self.kernel.run()

    def _replay_all(self, name: str) -> None:
        self.kernel.sleep(_LONGEST_HIDDEN)  # by an earlier replay that was interrupted
        self.last_work = self.time_of_day()
        before = set(self.dead_letters.held)
        code = self._people.replay(name, ["--source", "dead-letter", "--apply"])
        if code != 0:
            self.checker.say(f"replay ends with {code} though every service works")
        if before & set(self.dead_letters.held):
            self.checker.say("replay leaves dead letters where they are")

    def _report(self) -> Report:
        counts = {
            "worlds": 1,
            "orders": sum(event.site.startswith("order-") for event in self.kernel.events),
            "promises": len(self.checker.promises),
            "calls": self.calls,
            "cold starts": self.cold_starts,
            "deliveries": self.deliveries,
            "kills": sum(event.site.endswith("/kill") for event in self.kernel.events),
            "faults": sum(event.site.endswith("/fault") for event in self.kernel.events),
            "objects": sum(change.after is not None for change in self.bucket.changes),
            "days": round(self.kernel.now / DAY),
        }
        for status, count in self.checker.statuses.items():
            counts[f"answers {status}"] = count
        return Report(
            self.number,
            self.layout,
            self.checker.faults,
            self.kernel.events,
            self.kernel.digest(),
            counts,
        )


def _entry(
    *tokens: str,
    contracts: Sequence[str] = ("*",),
    rights: Sequence[str] = ("send", "look-up"),
    suspended: bool = False,
    expires_at: str | None = None,
    in_plain: bool = False,
    **optional: Any,
) -> str:
    """Return a client entry."""
    kept = [
        {"token": token} if in_plain else {"sha256": hashlib.sha256(token.encode()).hexdigest()}
        for token in tokens
    ]
    return json.dumps(
        {
            "tokens": [{**each, "expires_at": expires_at} for each in kept],
            "contracts": list(contracts),
            "rights": list(rights),
            "suspended": suspended,
            **optional,
        }
    )


@cache
def _template_environment(service: str) -> dict[str, str]:
    """Return a function's environment; what is a resource's is the resource's logical id."""
    written = function_properties(service)["Environment"]["Variables"]
    given = {
        name: value["Ref"]
        for name, value in written.items()
        if isinstance(value, dict) and value.get("Ref") in template()["Resources"]
    }
    return template_environment(service, **given)


@cache
def _is_write_once() -> bool:
    """Return whether the bucket's policy denies a write that could replace an object."""
    policy = template()["Resources"]["MessageBucketPolicy"]["Properties"]["PolicyDocument"]
    return "s3:if-none-match" in json.dumps(policy)
