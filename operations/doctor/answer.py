"""What a check may say: fine, what to do, or that it could not look."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The three kinds of answer."""

    FINE = "fine"
    TO_DO = "to do"
    UNSEEN = "could not look"


@dataclass(frozen=True)
class Answer:
    """One line: which check, what it found, and what that means or asks for."""

    check: str
    verdict: Verdict
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.verdict}: {self.text}"


class CouldNotLookError(Exception):
    """AWS did not answer *call*, so nothing may be concluded; the text says why."""

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(f"{call} ({reason})")


class ToDoError(Exception):
    """The check found an obstacle; the text says what to do about it."""
