"""The choice among media types that an Accept header asks for (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from typing import NamedTuple


class MediaType(NamedTuple):
    """A media type, and the version of its format if it has one."""

    name: str
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.name}; version={self.version}" if self.version else self.name


class _Range(NamedTuple):
    name: str
    version: str | None
    quality: float

    def specificity(self, offer: MediaType) -> int:
        """Return how closely this range names *offer*; 0 when it does not."""
        if self.version is not None:
            return 4 * (self.name == offer.name and self.version == offer.version)
        if self.name == offer.name:
            return 3
        kind = offer.name.partition("/")[0]
        return 2 if self.name == f"{kind}/*" else int(self.name == "*/*")


def preferred(accept: str, offers: Sequence[MediaType]) -> MediaType | None:
    """Return the offer that *accept* wants most, the first of equals; None if it wants none.

    Each offer has the quality of the range that names it most closely. Ranges that cannot be read
    and parameters other than ``q`` and ``version`` are ignored.
    """
    ranges = [known for part in accept.split(",") if (known := _read(part))]
    if not ranges:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(offer, ranges))  # the first of equals
    return best if _quality(best, ranges) > 0 else None


def _quality(offer: MediaType, ranges: Sequence[_Range]) -> float:
    closest = max(ranges, key=lambda known: (known.specificity(offer), known.quality))
    return closest.quality if closest.specificity(offer) else 0.0


def _read(text: str) -> _Range | None:
    name, *words = (word.strip().lower() for word in text.split(";"))
    pairs = (word.partition("=") for word in words)
    parameters = {key.strip(): value.strip().strip('"') for key, _, value in pairs}
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return None
    if "/" not in name or not 0 <= quality <= 1:
        return None
    return _Range(name, parameters.get("version"), quality)
