"""SQS: standard queues that promise what AWS's documents promise, and not more.

At least once, in no order, some of what is visible; a receipt handle that may be void after the
visibility timeout; a deletion that may not reach every copy.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from .kernel import Kernel, Signal
from .network import Client, service_error

if TYPE_CHECKING:
    from .world import World

MOST_ENTRIES = 10
LARGEST_BYTES = 1024 * 1024
_ALLOWED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_LONGEST_VISIBILITY = 43_200

Attributes = dict[str, dict[str, Any]]
Chance = Callable[[str], float]


@dataclass(slots=True)
class Held:
    """A message in a queue."""

    sqs_id: str
    body: str
    attributes: Attributes
    group: str | None
    sent_at: float
    visible_at: float
    receive_count: int = 0
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it was handed out."""

    sqs_id: str
    handle: str
    body: str
    attributes: Attributes
    group: str | None
    sent_at: float
    receive_count: int


class Queue:
    """One standard queue."""

    def __init__(
        self,
        kernel: Kernel,
        name: str,
        *,
        visibility_timeout: float = 30.0,
        retention: float = 4 * 86_400.0,
        dead_letters: "Queue | None" = None,
        max_receive_count: int = 0,
    ) -> None:
        self.name = name
        self.held: dict[str, Held] = {}
        self.expired: list[Held] = []
        self.arrival: Signal = kernel.signal()
        self.duplicates = 0.0  # how often a message in flight is handed out again
        self.undeleted = 0.0  # how often a deleted message comes back
        self.calm = float("inf")  # after that, neither happens
        self.sent = self.buried = 0
        self._kernel = kernel
        self._visibility_timeout = visibility_timeout
        self._retention = retention
        self._dead_letters = dead_letters
        self.max_receive_count = max_receive_count
        self._handles: dict[str, str] = {}
        self._number = 0

    def send(self, body: str, attributes: Attributes, group: str | None) -> str:
        """Take a message; return its id."""
        self._number += 1
        sqs_id = f"{self.name}-{self._number:08}"
        now = self._kernel.now
        self.held[sqs_id] = Held(sqs_id, body, attributes, group, now, now)
        self.sent += 1
        self.arrival.send()
        return sqs_id

    def receive(self, limit: int, site: str, visibility: float | None = None) -> list[Received]:
        """Hand out at most *limit* messages, in no order, maybe not all that could be."""
        now = self._kernel.now
        self._expire(now)
        number = self._kernel.number
        choice: list[tuple[float, Held]] = []
        for held in self.held.values():
            if held.visible_at <= now:
                choice.append((number(f"{site}/{held.sqs_id}"), held))
            elif self.duplicates and now < self.calm:
                at = f"{site}/{held.sqs_id}/again"
                if number(at) < self.duplicates and self._kernel.happens(
                    at, f"{held.sqs_id} is handed out again though it is in flight"
                ):
                    choice.append((number(f"{at}/place"), held))
        choice.sort(key=lambda pair: pair[0])
        taken = []
        for _, held in choice[:limit]:
            if self.max_receive_count and held.receive_count >= self.max_receive_count:
                self._bury(held)
                continue
            held.receive_count += 1
            held.visible_at = now + (self._visibility_timeout if visibility is None else visibility)
            self._number += 1
            held.handle = f"{held.sqs_id}/{self._number}"
            self._handles[held.handle] = held.sqs_id
            taken.append(
                Received(
                    held.sqs_id,
                    held.handle,
                    held.body,
                    held.attributes,
                    held.group,
                    held.sent_at,
                    held.receive_count,
                )
            )
        return taken

    def delete(self, handle: str, site: str = "") -> None:
        """Forget the message that was handed out with *handle*."""
        sqs_id = self._known(handle, "DeleteMessage")
        held = self.held.get(sqs_id)
        if held is None:
            return
        number = self._kernel.number
        # "If you delete with an old handle, the request succeeds, but the message might not be
        # deleted" (DeleteMessage, API reference).
        if held.handle != handle and number(f"{site}/{handle}/old") < 0.5:
            return
        at = f"{site}/{handle}/undeleted"
        if (
            self.undeleted
            and self._kernel.now < self.calm
            and number(at) < self.undeleted
            and self._kernel.happens(at, f"{sqs_id} comes back after it was deleted")
        ):
            held.visible_at = self._kernel.now + 400 * number(f"{at}/when")
            return
        del self.held[sqs_id]

    def change_visibility(self, handle: str, seconds: float) -> None:
        """Let the message that was handed out with *handle* be visible *seconds* from now."""
        sqs_id = self._known(handle, "ChangeMessageVisibility")
        if not 0 <= seconds <= _LONGEST_VISIBILITY:
            raise service_error(400, "InvalidParameterValue", "ChangeMessageVisibility")
        held = self.held.get(sqs_id)
        if held is None or held.handle != handle:
            raise service_error(400, "InvalidParameterValue", "ChangeMessageVisibility")
        if held.visible_at <= self._kernel.now:
            raise service_error(400, "MessageNotInflight", "ChangeMessageVisibility")
        held.visible_at = self._kernel.now + seconds
        self.arrival.send()

    def next_visible(self) -> float | None:
        """Return when a message is visible next; None if there is none."""
        return min((held.visible_at for held in self.held.values()), default=None)

    def _bury(self, held: Held) -> None:
        assert self._dead_letters
        self.buried += 1
        del self.held[held.sqs_id]
        # In a standard queue a message keeps the time at which it was first sent.
        self._dead_letters.adopt(held)

    def adopt(self, held: Held) -> None:
        """Take a message that another queue gave up."""
        held.visible_at = self._kernel.now
        held.receive_count = 0
        self.held[held.sqs_id] = held
        self.arrival.send()

    def _expire(self, now: float) -> None:
        for held in [each for each in self.held.values() if now - each.sent_at > self._retention]:
            del self.held[held.sqs_id]
            self.expired.append(held)

    def _known(self, handle: str, operation: str) -> str:
        if handle not in self._handles:
            raise service_error(404, "ReceiptHandleIsInvalid", operation)
        return self._handles[handle]


class SqsClient(Client):
    """The client of SQS, as boto3 has it."""

    def __init__(self, world: "World", config: Config | None) -> None:
        super().__init__(world, "sqs", config)

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Send up to ten messages, each of which may be refused by itself."""
        queue = self._world.queue_at(request["QueueUrl"])
        kernel = self._world.kernel
        site = kernel.running().actor.site("sqs.entries")

        def act() -> dict[str, Any]:
            check_batch(request["Entries"])
            answer: dict[str, Any] = {}
            for entry in request["Entries"]:
                at = f"{site}/{entry['Id']}"
                rate = self._world.refused_entries
                if kernel.number(at) < rate and kernel.happens(at, f"SQS refuses entry {at}"):
                    if environment := kernel.group():
                        environment.blame()  # type: ignore[attr-defined]
                    failed = {"Id": entry["Id"], "Code": "InternalError", "SenderFault": False}
                    answer.setdefault("Failed", []).append(failed)
                    continue
                sqs_id = queue.send(
                    entry["MessageBody"],
                    dict(entry.get("MessageAttributes", {})),
                    entry.get("MessageGroupId"),
                )
                taken = {"Id": entry["Id"], "MessageId": sqs_id}
                answer.setdefault("Successful", []).append(taken)
            return answer

        answer: dict[str, Any] = self.call("send_message_batch", act)
        return answer

    def send_message(self, **request: Any) -> dict[str, Any]:
        """Send one message."""
        queue = self._world.queue_at(request["QueueUrl"])

        def act() -> dict[str, Any]:
            check_text(request["MessageBody"], "SendMessage")
            sqs_id = queue.send(
                request["MessageBody"],
                dict(request.get("MessageAttributes", {})),
                request.get("MessageGroupId"),
            )
            return {"MessageId": sqs_id}

        answer: dict[str, Any] = self.call("send_message", act)
        return answer

    def receive_message(self, **request: Any) -> dict[str, Any]:
        """Receive up to ten messages."""
        queue = self._world.queue_at(request["QueueUrl"])
        site = self._world.kernel.running().actor.site("sqs.receive")

        def act() -> dict[str, Any]:
            # Fewer than asked for may come, however many there are.
            most = request.get("MaxNumberOfMessages", 1)
            limit = 1 + int(self._world.kernel.number(f"{site}/limit") * most)
            found = queue.receive(min(limit, most), site, request.get("VisibilityTimeout"))
            return {"Messages": [_as_boto3(each, request) for each in found]} if found else {}

        answer: dict[str, Any] = self.call("receive_message", act)
        if not answer:
            self._world.kernel.sleep(request.get("WaitTimeSeconds", 0))
        return answer

    def delete_message(self, **request: Any) -> dict[str, Any]:
        """Delete one message."""
        queue = self._world.queue_at(request["QueueUrl"])
        site = self._world.kernel.running().actor.site("sqs.delete")

        def act() -> dict[str, Any]:
            queue.delete(request["ReceiptHandle"], site)
            return {}

        answer: dict[str, Any] = self.call("delete_message", act)
        return answer

    def change_message_visibility(self, **request: Any) -> dict[str, Any]:
        """Change when one message is visible again."""
        queue = self._world.queue_at(request["QueueUrl"])

        def act() -> dict[str, Any]:
            queue.change_visibility(request["ReceiptHandle"], request["VisibilityTimeout"])
            return {}

        answer: dict[str, Any] = self.call("change_message_visibility", act)
        return answer

    def change_message_visibility_batch(self, **request: Any) -> dict[str, Any]:
        """Change when up to ten messages are visible again."""
        queue = self._world.queue_at(request["QueueUrl"])

        def act() -> dict[str, Any]:
            return change_visibility_batch(queue, request["Entries"])

        answer: dict[str, Any] = self.call("change_message_visibility_batch", act)
        return answer

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        """Return how many messages there are, about."""
        queue = self._world.queue_at(request["QueueUrl"])
        now = self._world.kernel.now

        def act() -> dict[str, Any]:
            visible = sum(held.visible_at <= now for held in queue.held.values())
            return {
                "Attributes": {
                    "ApproximateNumberOfMessages": str(visible),
                    "ApproximateNumberOfMessagesNotVisible": str(len(queue.held) - visible),
                }
            }

        answer: dict[str, Any] = self.call("get_queue_attributes", act)
        return answer


def change_visibility_batch(queue: Queue, entries: Sequence[Any]) -> dict[str, Any]:
    """Change the visibility of each of *entries*; return which could be changed."""
    _check_count(entries, "ChangeMessageVisibilityBatch")
    answer: dict[str, Any] = {"Successful": []}
    for entry in entries:
        try:
            queue.change_visibility(entry["ReceiptHandle"], entry["VisibilityTimeout"])
        except Exception as error:
            code = error.response["Error"]["Code"]  # type: ignore[attr-defined]
            failed = {"Id": entry["Id"], "Code": code, "SenderFault": True}
            answer.setdefault("Failed", []).append(failed)
        else:
            answer["Successful"].append({"Id": entry["Id"]})
    return answer


def check_batch(entries: Sequence[Any]) -> None:
    """Refuse what SendMessageBatch refuses as a whole."""
    _check_count(entries, "SendMessageBatch")
    for entry in entries:
        check_text(entry["MessageBody"], "SendMessageBatch")
        for attribute in entry.get("MessageAttributes", {}).values():
            if attribute.get("StringValue") == "":
                raise service_error(400, "InvalidParameterValue", "SendMessageBatch")
    if sum(map(size_bytes, entries)) > LARGEST_BYTES:
        raise service_error(400, "AWS.SimpleQueueService.BatchRequestTooLong", "SendMessageBatch")


def check_text(body: str, operation: str) -> None:
    """Refuse a body that SQS does not take."""
    if not body:
        raise service_error(400, "MissingParameter", operation)
    if not _ALLOWED.fullmatch(body):
        raise service_error(400, "InvalidMessageContents", operation)


def size_bytes(entry: Any) -> int:
    """Return the size of a message as SQS counts it."""
    return len(entry["MessageBody"].encode()) + sum(
        len(name) + len(value["DataType"]) + len(value.get("StringValue", "").encode())
        for name, value in entry.get("MessageAttributes", {}).items()
    )


def _check_count(entries: Sequence[Any], operation: str) -> None:
    prefix = "AWS.SimpleQueueService."
    if not entries:
        raise service_error(400, f"{prefix}EmptyBatchRequest", operation)
    if len(entries) > MOST_ENTRIES:
        raise service_error(400, f"{prefix}TooManyEntriesInBatchRequest", operation)
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise service_error(400, f"{prefix}BatchEntryIdsNotDistinct", operation)


def _as_boto3(received: Received, request: dict[str, Any]) -> dict[str, Any]:
    """Return a message with as much beside its body as the *request* asks for, and not more."""
    system = {
        "SentTimestamp": str(int(received.sent_at * 1000)),
        "ApproximateReceiveCount": str(received.receive_count),
    }
    if received.group:
        system["MessageGroupId"] = received.group
    message: dict[str, Any] = {
        "MessageId": received.sqs_id,
        "ReceiptHandle": received.handle,
        "Body": received.body,
    }
    wanted = request.get("MessageSystemAttributeNames") or request.get("AttributeNames") or []
    shown = {name: value for name, value in system.items() if {name, "All"} & set(wanted)}
    wanted = request.get("MessageAttributeNames") or []
    attributes = {
        name: value for name, value in received.attributes.items() if {name, "All"} & set(wanted)
    }
    if shown:
        message["Attributes"] = shown
    if attributes:
        message["MessageAttributes"] = attributes
    return message
