"""What is logged and counted of a request: names, sizes, reasons; never a value or a token."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from .messages import Message
from .problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_lambda_powertools import Logger, Metrics

    from .intake import Outcome


class Journal:
    """The log and the metrics of one function; *clock* gives milliseconds since 1970."""

    def __init__(self, logger: Logger, metrics: Metrics, clock: Callable[[], int]) -> None:
        self._logger = logger
        self._metrics = metrics
        self._clock = clock
        self._minute = 0

    def taken(self, outcomes: Sequence[Outcome], client: str, contract: str) -> None:
        """Tell what became of each item: of all that is queued together, and of all the rest."""
        queued = [outcome for outcome in outcomes if isinstance(outcome, Message)]
        problems = [outcome for outcome in outcomes if isinstance(outcome, ProblemError)]
        self._count(len(queued), sum(problem.kind.status < 500 for problem in problems))
        if queued:
            self._note_queued(queued, client, contract, single=len(outcomes) == 1)
        for reason, count in Counter(problem.kind.slug for problem in problems).items():
            self._logger.warning(
                "messages refused", client=client, contract=contract, reason=reason, count=count
            )

    def looked_up(self, client: str, contract: str) -> None:
        """Tell who asks for a receipt: a client that only reads is seen too."""
        self._logger.info("message looked up", client=client, contract=contract)

    def refused(self, problem: ProblemError, source_ip: str, *, messages: int) -> None:
        """Tell of a request that was refused as a whole, and of how many messages with it."""
        self._logger.warning(
            "request refused", reason=problem.kind.slug, source_ip=source_ip, count=1
        )
        if problem.kind.status == 401:
            self._count(tokens_refused=1)
        elif messages:
            self._count(refused=messages if problem.kind.status < 500 else 0)

    def enqueued_in(self, elapsed_ms: float) -> None:
        """Count the time that SQS took."""
        self._metrics.add_metric("EnqueueTime", MetricUnit.Milliseconds, round(elapsed_ms, 2))

    def _note_queued(
        self, queued: Sequence[Message], client: str, contract: str, *, single: bool
    ) -> None:
        # In the line that carries the metrics: one of its own was a third of what the logs cost
        # (docs/decisions.md).
        noted = {
            "message": "message queued" if single else "messages queued",
            "client": client,
            "contract": contract,
            "size_bytes": sum(message.size_bytes() for message in queued),
            # One text, as Logs Insights takes no more than 200 fields of a line, each of a list.
            "message_id" if single else "message_ids": " ".join(
                message.message_id for message in queued
            ),
        }
        for name, value in noted.items():
            self._metrics.add_metadata(name, value)

    def _count(self, accepted: int = 0, refused: int = 0, tokens_refused: int = 0) -> None:
        # Noughts too, so that an alarm has data while nothing is wrong; CloudWatch adds up minutes,
        # so the first request of each is enough.
        minute = self._clock() // 60_000
        counts = {
            "MessagesAccepted": accepted,
            "MessagesRefused": refused,
            "TokensRefused": tokens_refused,
        }
        for name, count in counts.items():
            if count or minute != self._minute:
                self._metrics.add_metric(name, MetricUnit.Count, count)
        self._minute = minute
