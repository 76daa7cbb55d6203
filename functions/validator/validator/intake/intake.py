"""The way of each item from the text that was sent to a message that SQS has confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..aws import CALL_SECONDS
from ..contracts.faults import faults_of
from ..contracts.models import Contract
from ..deadline import Deadline
from ..problems import Kind, ProblemError, unavailable
from .context import context_text
from .idempotency import Claim, IdempotencyKeys, KeyUnclaimedError, digest_of
from .json_text import Value
from .message import MAX_BYTES, Message

Outcome = Message | ProblemError

# Stripe sends a webhook again for three days.
_DELIVERY_DAYS = 4
# Most faults in one answer, shared among its items: Lambda returns no more than 6 MB.
_MAX_FAULTS = 1000


class Item(NamedTuple):
    """One message as sent: its value, or why it could not be read; and where it is in the body."""

    value: Value | ProblemError
    pointer: str


@dataclass(frozen=True, slots=True)
class Submission:
    """The items that one client sends together, and the *context* that is kept beside each."""

    client: str
    items: list[Item]
    context: Mapping[str, Any] = field(default_factory=dict)
    is_delivery: bool = False  # of a webhook: its key stands for it whatever the body is


@dataclass(eq=False, repr=False)
class Intake:
    """Takes messages in: checks them, gives them their ids and queues them."""

    contracts: Mapping[str, type[Contract]]
    layout_of: Callable[[str], str]
    send: Callable[[Sequence[Message], Deadline], set[str]]
    keys: IdempotencyKeys
    new_id: Callable[[], str]
    count: Callable[[str, int], object] = lambda *_: None

    def take(
        self, submission: Submission, contract: str, key: str | None, deadline: Deadline
    ) -> list[Outcome]:
        """Queue every valid item of *submission*; return each item's outcome, in order.

        With an idempotency *key*, the items' ids follow from it.
        """
        model, layout = self.contracts[contract], self.layout_of(contract)
        limit = max(1, _MAX_FAULTS // len(submission.items))
        sender = submission.client
        context = context_text(submission.context)
        outcomes: list[Outcome] = []
        for item in submission.items:
            try:
                if not deadline.allows_call():
                    raise unavailable("There was no time left for this message; send it again.")
                body = _checked(model, item, limit)
                message = Message(
                    self.new_id(), contract, model.version, layout, sender, body, context
                )
                if message.size_bytes() > MAX_BYTES:
                    raise _too_large()
                outcomes.append(message)
            except ProblemError as problem:
                outcomes.append(problem)
        if key is not None:
            scope = f"{sender}\n{contract}\n{key}"
            outcomes = self._claimed(outcomes, scope, deadline, submission.is_delivery)
        return self._queued(outcomes, deadline)

    def _claimed(
        self, outcomes: Sequence[Outcome], scope: str, deadline: Deadline, is_delivery: bool
    ) -> list[Outcome]:
        digests = [
            digest_of(scope, "" if is_delivery else outcome.body)
            if isinstance(outcome, Message)
            else None
            for outcome in outcomes
        ]
        if not any(digests):
            return list(outcomes)
        claim = Claim(self.new_id(), digests)
        # A delivery is queued without its key if need be, which takes a call more.
        spare, days = (CALL_SECONDS, _DELIVERY_DAYS) if is_delivery else (0.0, 1)
        try:
            earlier = replace(deadline, ends_at=deadline.ends_at - spare)
            claim = self.keys.claim(scope, claim, earlier, days)
        except KeyUnclaimedError:
            if not is_delivery:
                problem = unavailable("The Idempotency-Key could not be kept; nothing was queued.")
                return [problem if isinstance(each, Message) else each for each in outcomes]
            self.count("WebhooksUnkeyed", 1)
        return [
            _renamed(outcome, claim.message_id(index, digest))
            if isinstance(outcome, Message) and digest
            else outcome
            for index, (outcome, digest) in enumerate(zip(outcomes, digests, strict=True))
        ]

    def _queued(self, outcomes: list[Outcome], deadline: Deadline) -> list[Outcome]:
        messages = [outcome for outcome in outcomes if isinstance(outcome, Message)]
        confirmed = self.send(messages, deadline) if messages else set()
        return [
            unavailable("The queue did not confirm the message; send it again.")
            if isinstance(outcome, Message) and outcome.message_id not in confirmed
            else outcome
            for outcome in outcomes
        ]


def _checked(model: type[Contract], item: Item, limit: int) -> str:
    if isinstance(item.value, ProblemError):
        raise item.value
    body = item.value.message_text()
    if len(body) > MAX_BYTES:  # before it is parsed, so that its cost has a bound
        raise _too_large()
    item.value.refuse_ambiguity()
    faults, count = faults_of(model, body, item.pointer, limit)
    if faults:
        omitted = {"errors_omitted": count - len(faults)} if count > len(faults) else {}
        raise ProblemError(
            Kind.INVALID_MESSAGE,
            "The message does not satisfy its contract.",
            members={"errors": faults, **omitted},
        )
    return body


def _renamed(message: Message, message_id: str | None) -> Outcome:
    if message_id is None:
        return ProblemError(
            Kind.IDEMPOTENCY_CONFLICT, "Send another message with another Idempotency-Key."
        )
    return replace(message, message_id=message_id)


def _too_large() -> ProblemError:
    return ProblemError(
        Kind.TOO_LARGE, f"A message may have {MAX_BYTES} bytes with its attributes."
    )
