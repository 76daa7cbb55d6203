"""Log lines and metrics of a request: names, sizes and reasons; never a value or a token."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .intake.intake import Outcome
from .intake.message import Message
from .intake.queue import Sent
from .problems import ProblemError

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics


class Telemetry:
    """The log and the metrics of one function; *clock* returns milliseconds since 1970."""

    def __init__(self, logger: "Logger", metrics: "Metrics", clock: Callable[[], int]) -> None:
        self._logger = logger
        self._metrics = metrics
        self._clock = clock
        self._minute = 0

    def taken(
        self, outcomes: Sequence[Outcome], client: str, token_hash: str, contract: str
    ) -> None:
        """Report each item's outcome: all queued ones in one line, the others by reason."""
        queued = [outcome for outcome in outcomes if isinstance(outcome, Message)]
        problems = [outcome for outcome in outcomes if isinstance(outcome, ProblemError)]
        refused = sum(problem.kind.status < 500 for problem in problems)
        self._count(len(queued), refused)
        if queued or refused:  # Powertools keeps metadata without a metric for the next request
            self._metrics.add_metadata("client", client)
            self._metrics.add_metadata("token_hash", token_hash)
        if queued:
            self._note_queued(queued, contract, single=len(outcomes) == 1)
        for reason, count in Counter(problem.kind.slug for problem in problems).items():
            self._logger.warning(
                "messages refused", client=client, contract=contract, reason=reason, count=count
            )

    def looked_up(self, client: str, token_hash: str, contract: str) -> None:
        """Report who asks for a receipt, so that a client that only reads is seen too."""
        self._logger.info(
            "message looked up", client=client, token_hash=token_hash, contract=contract
        )

    def refused(self, problem: ProblemError, source_ip: str, *, messages: int) -> None:
        """Report a request that was refused as a whole, with its number of *messages*."""
        self._logger.warning(
            "request refused",
            reason=problem.kind.slug,
            client=problem.client,
            source_ip=source_ip,
            count=1,
        )
        if problem.kind.status == 401:
            self._count(tokens_refused=1)
        elif messages:
            self._count(refused=messages if problem.kind.status < 500 else 0)

    def counted(self, metric: str, count: int) -> None:
        """Publish a count of what no answer shows."""
        self._metrics.add_metric(metric, "Count", count)

    def sent(self, sent: Sent, elapsed_ms: float) -> None:
        """Publish the time that SQS took, and the number of messages that it left open."""
        if sent.confirmed:
            self._metrics.add_metric("EnqueueTime", "Milliseconds", round(elapsed_ms, 2))
        if sent.unconfirmed:
            self._metrics.add_metric("MessagesUnconfirmed", "Count", sent.unconfirmed)

    def _note_queued(self, queued: Sequence[Message], contract: str, *, single: bool) -> None:
        # Logged inside the metrics line: a separate line made up a third of the logging cost
        # (docs/decisions.md).
        note = self._metrics.add_metadata
        note("message", "message queued" if single else "messages queued")
        note("contract", contract)
        note("size_bytes", sum(message.size_bytes() for message in queued))
        # One string: Logs Insights reads at most 200 fields per line, and each element of a list is
        # a field.
        ids = " ".join(message.message_id for message in queued)
        note("message_id" if single else "message_ids", ids)

    def _count(self, accepted: int = 0, refused: int = 0, tokens_refused: int = 0) -> None:
        # Publish zeros too, so that alarms have data. CloudWatch sums per minute, so one zero per
        # minute is enough.
        minute = self._clock() // 60_000
        counts = {
            "MessagesAccepted": accepted,
            "MessagesRefused": refused,
            "TokensRefused": tokens_refused,
            "MessagesUnconfirmed": 0,  # `sent` counts them
            "WebhooksUnkeyed": 0,  # `counted`, by the intake
        }
        for name, count in counts.items():
            if count or minute != self._minute:
                self._metrics.add_metric(name, "Count", count)
        self._minute = minute
