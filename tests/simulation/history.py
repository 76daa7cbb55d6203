"""Worlds after real events, in virtual time, with what was published about them.

Where a summary gives no share of calls that failed, the share here is a guess, and said to be one.
"""

from dataclasses import dataclass
from typing import ClassVar

from .network import Outage
from .senders import Item, Order
from .world import Code, World

_MINUTE = 60.0
_BEFORE = 10 * _MINUTE  # of ordinary traffic
_READS = ("get_object", "list_objects_v2", "delete_object")


@dataclass(frozen=True)
class Event:
    """A real event; its outages are in minutes after its beginning."""

    name: str
    source: str
    minutes: float
    outages: tuple[Outage, ...]

    @property
    def end(self) -> float:
        """When everything worked again, in seconds of the world."""
        return _BEFORE + self.minutes * _MINUTE

    def moved(self) -> list[Outage]:
        """Return the outages in seconds of the world."""
        return [
            Outage(
                each.service,
                _BEFORE + each.start * _MINUTE,
                _BEFORE + each.end * _MINUTE,
                each.how,
                each.operations,
                each.share,
            )
            for each in self.outages
        ]


S3_2017 = Event(
    "S3, 28 February 2017",
    # 9:37 PST: S3 could not serve requests. 12:26: GET, LIST and DELETE began to be served, and
    # worked normally at 13:18. 13:54: PUT worked, and all was normal.
    "https://aws.amazon.com/message/41926/",
    257,
    (
        Outage("s3", 0, 169, "503"),
        Outage("s3", 169, 221, "slow", _READS),
        Outage("s3", 169, 257, "503", ("put_object",)),
    ),
)

LAMBDA_2023 = Event(
    "Lambda, 13 June 2023",
    # 11:49 PDT: invocations fail or are slow. 13:45: they begin to return to normal. 15:37: all
    # services have recovered. The shares are guesses.
    "https://aws.amazon.com/message/061323/",
    228,
    (
        Outage("lambda", 0, 116, "failed", share=0.6),
        Outage("lambda", 116, 228, "failed", share=0.1),
    ),
)

US_EAST_1_2025 = Event(
    "us-east-1, 20 October 2025",
    # 23:48 PDT on the 19th to 14:20. Lambda fails invocations until 2:24; what polls SQS had failed
    # and came back at 4:40. From 7:04 to 11:27 event sources were throttled, as capacity was
    # short; throttling was taken back step by step, and backlogs were done at 14:15. The shares,
    # and the steps of the way back, are guesses.
    "https://aws.amazon.com/message/101925/",
    872,
    (
        Outage("lambda", 3, 156, "failed", share=0.4),
        Outage("pollers", 3, 292, "stopped"),
        Outage("lambda", 436, 699, "failed", share=0.2),
        Outage("pollers", 436, 699, "stopped"),
        *(Outage("pollers", minute, minute + 15, "stopped") for minute in range(700, 867, 30)),
    ),
)

EVENTS = (S3_2017, LAMBDA_2023, US_EAST_1_2025)


class HistoricWorld(World):
    """A world in which one real event happens, under steady traffic."""

    STEPS: ClassVar[int] = 3_000_000
    SECONDS_BETWEEN_ORDERS: ClassVar[float] = 120.0

    def __init__(self, event: Event, number: int, code: Code) -> None:
        self.event = event
        super().__init__(2017, number, Code(code.current))

    def _set_scale(self) -> None:
        super()._set_scale()
        self.span = self.event.end
        self.largest_skew = 0.2
        self.batch_size, self.batching_window = 100, 5.0
        self.has_giants, self.look_ups = False, 0.0

    def _set_weather(self) -> None:
        super()._set_weather()
        self.weather.calm = self.event.end
        self.weather.rates = {"s3": 0.005, "sqs": 0.005, "ssm": 0.005}
        self.weather.kills = 0.002
        self.weather.outages = self.event.moved()
        self.lost_answers = self.lapses = self.lost_deletes = 0.01
        self.refused_entries = 0.01

    def _set_queues(self) -> None:
        super()._set_queues()
        self.queue.max_receive_count = self.receives
        self.queue.duplicates = self.queue.undeleted = 0.001

    def _orders(self) -> list[Order]:
        orders = []
        for number in range(int((self.event.end + _BEFORE) / self.SECONDS_BETWEEN_ORDERS)):
            name = f"order-{number}"
            count = 10 if number % 10 == 0 else 1
            items = tuple(
                Item(f'{{"a": "{name}.{at}", "b": "b", "c": "c", "d": "d"}}', is_valid=True)
                for at in range(count)
            )
            orders.append(
                Order(
                    name=name,
                    client=("alpha", "beta")[number % 2],
                    contract="four-fields",
                    form="batch" if count > 1 else "single",
                    items=items,
                    key=name if number % 3 == 0 else None,
                    token="header",
                    moment=number * self.SECONDS_BETWEEN_ORDERS,
                )
            )
        return orders
