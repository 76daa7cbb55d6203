"""The settings of the probe, from its environment."""

from collections.abc import Mapping
from typing import NamedTuple

from .probes.methods import Choice, choose
from .sampling import Plan
from .target import Target, parse_targets


class Settings(NamedTuple):
    """The probe's settings, checked once at the cold start."""

    targets: tuple[Target, ...]
    choice: Choice
    plan: Plan
    cache_seconds: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read *env*; raise `KeyError` for a missing variable, `ValueError` for a wrong value."""
        return cls(
            targets=parse_targets(env["PROBE_TARGETS"]),
            choice=choose(env["PROBE_METHOD"]),
            plan=Plan(
                sample_count=int(env["PROBE_SAMPLE_COUNT"]),
                interval_seconds=float(env["PROBE_INTERVAL_SECONDS"]),
                timeout_seconds=float(env["PROBE_TIMEOUT_SECONDS"]),
            ),
            cache_seconds=float(env["METRICS_CACHE_SECONDS"]),
        )
