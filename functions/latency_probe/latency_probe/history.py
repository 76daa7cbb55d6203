"""The memory of each target's last hours, which a run is compared with."""

from collections import deque

from .measurement import Measurement
from .summary import median

RUNS_REMEMBERED = 360  # six hours of a run per minute
RUNS_NEEDED = 30


class History:
    """The medians of the last runs, for as long as this execution environment lives.

    Kernel and user time differ, so each of the two clocks has its own memory of a target.
    """

    def __init__(self) -> None:
        self._medians: dict[tuple[str, str | None], deque[float]] = {}

    def change(self, measurement: Measurement) -> float | None:
        """Return the run's median as a multiple of the usual one, and remember the run.

        Return None while too few runs are remembered, and for a run that nothing answered.
        """
        latest = median(measurement.summary.round_trips)
        if latest is None:
            return None
        key = (str(measurement.target), measurement.summary.source)
        remembered = self._medians.setdefault(key, deque(maxlen=RUNS_REMEMBERED))
        usual = median(remembered) if len(remembered) >= RUNS_NEEDED else None
        remembered.append(latest)
        return latest / usual if usual else None
