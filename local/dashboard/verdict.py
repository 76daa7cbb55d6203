"""One plain answer to "is anything lost?", with the numbers behind it."""

from typing import Any

from .body import Metric
from .figures import Figures, Question, Span

# Log lines, and the metrics in them, come a little later than what they tell of.
SETTLED_SECONDS = 120
QUEUES = {"waiting": "MessageQueue", "dead": "DeadLetterQueue"}
VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
AGE = "ApproximateAgeOfOldestMessage"


def verdict(figures: Figures, span: Span, now: int) -> dict[str, Any]:
    """Return the state of all accepted messages within *span*: a word, a sentence, a reason."""
    accepted = counted(figures, "MessagesAccepted", span)
    settled = counted(figures, "MessagesAccepted", Span(span.start, now - SETTLED_SECONDS))
    stored = counted(figures, "MessagesStored", span)
    quarantined = counted(figures, "MessagesQuarantined", span)
    dead = newest(figures, "dead", (VISIBLE, HIDDEN), now)
    waiting = newest(figures, "waiting", (VISIBLE, HIDDEN), now)
    if dead:
        return told(
            "dead",
            "Not yet.",
            f"{messages(dead)} could not be stored and wait in the dead-letter queue, for 14 days"
            " after they were sent: make replay shows why, and puts them back.",
        )
    if waiting:
        age = newest(figures, "waiting", (AGE,), now)
        return told(
            "waiting", "No.", f"{messages(waiting)} wait to be stored, the oldest for {age} s."
        )
    missing = settled - stored - quarantined
    if missing > tolerance(settled):
        return told(
            "open",
            "Perhaps.",
            f"{missing:,} of {messages(accepted)} are not counted as stored, and nothing waits."
            " make show lists the objects themselves.",
        )
    aside = f", {quarantined:,} in quarantine" if quarantined else ""
    return told(
        "no",
        "No.",
        f"Nothing waits, and there are no dead letters: {stored:,} stored{aside}"
        f" of {messages(accepted)} since the left edge of the charts.",
    )


def tolerance(accepted: int) -> int:
    """Return how far the counts may be off here: a last log line may be missing (docs/local.md)."""
    return 2 + accepted // 500


def told(state: str, answer: str, reason: str) -> dict[str, Any]:
    """Return the verdict as the page shows it."""
    return {"state": state, "answer": answer, "reason": reason}


def messages(number: int) -> str:
    """Return the *number* of accepted messages in words."""
    return f"{number:,} accepted message{'' if number == 1 else 's'}"


def counted(figures: Figures, name: str, span: Span) -> int:
    """Return the sum of a metric of Weir within *span*."""
    found = [metric for metric in figures.metrics("Weir") if metric.name == name]
    if span.end <= span.start:
        return 0
    series = figures.series([Question(metric, "Sum", 60) for metric in found], span)
    return round(sum(value for one in series for value in one.values()))


def newest(figures: Figures, queue: str, names: tuple[str, ...], now: int) -> int:
    """Return the newest figures of a queue, added up; 0 where there are none."""
    found = [
        metric
        for metric in figures.metrics("AWS/SQS")
        if metric.name in names and of_queue(metric) == queue
    ]
    series = figures.series(
        [Question(metric, "Maximum", 1) for metric in found], Span(now - SETTLED_SECONDS, now + 1)
    )
    return round(sum(one[max(one)] for one in series if one))


def of_queue(metric: Metric) -> str | None:
    """Return which queue *metric* is of."""
    names = [value for name, value in metric.dimensions if name == "QueueName"]
    return next((word for word, part in QUEUES.items() if any(part in one for one in names)), None)
