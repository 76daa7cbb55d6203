"""A short memory of the newest value, so that asking twice does not measure twice."""

from collections.abc import Callable
from time import time


class Cache[T]:
    """Calls *make* when its value is older than *lifetime_seconds*.

    Its clock is the wall clock on purpose: a monotonic clock may stand still while Lambda has the
    execution environment frozen, and would pass an old value off as new. A step of the wall clock
    costs one more measurement at worst.
    """

    def __init__(
        self, make: Callable[[float], T], lifetime_seconds: float, now: Callable[[], float] = time
    ) -> None:
        self._make = make
        self._lifetime_seconds = lifetime_seconds
        self._now = now
        self._newest: tuple[float, T] | None = None

    def get(self, budget_seconds: float) -> tuple[T, float]:
        """Return the value and the seconds for which it stays fresh; *make* gets the budget."""
        if self._newest is None or not 0 <= self._age() < self._lifetime_seconds:
            value = self._make(budget_seconds)
            self._newest = (self._now(), value)
        return self._newest[1], max(0.0, self._lifetime_seconds - self._age())

    def _age(self) -> float:
        return self._now() - self._newest[0] if self._newest else float("inf")
