"""The dated prices, what is assumed beside them, and a line of a bill."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..project import ROOT

DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "prices.toml").read_text())
MEASURED: dict[str, Any] = tomllib.loads((ROOT / "benchmarks" / "measured.toml").read_text())
ASSUMED: dict[str, Any] = DATA["assumed"]
MEMORY_MB: dict[str, int] = DATA["memory_mb"]
MILLION = 1_000_000
HOURS_A_MONTH = 730
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
GB = 2**30


def price(name: str) -> float:
    """Return the dollars for one of *name*; `KeyError` if the data file has no such price."""
    found = DATA["price"][name]
    return float(found["dollars"] / found["per"])


@dataclass(frozen=True)
class Line:
    """One line of a bill: how many, at which price."""

    item: str
    count: float
    price_name: str

    @property
    def dollars(self) -> float:
        """The dollars of the line."""
        return self.count * price(self.price_name)


def together(lines: list[Line]) -> float:
    """Return the sum of *lines* in dollars."""
    return sum(line.dollars for line in lines)
