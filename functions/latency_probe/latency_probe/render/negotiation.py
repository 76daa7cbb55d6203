"""The choice among media types that an Accept header asks for (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from typing import NamedTuple


class MediaType(NamedTuple):
    """A media type, and the version of its format if it has one."""

    name: str
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.name}; version={self.version}" if self.version else self.name


def preferred(accept: str, offers: Sequence[MediaType]) -> MediaType:
    """Return the offer that *accept* wants most: the first of equals, or if it wants none of them.

    Each offer has the quality of the range that names it most closely. Ranges that cannot be read
    and parameters other than ``q`` and ``version`` are ignored.
    """
    qualities = dict(filter(None, map(_read, accept.split(","))))

    def quality(offer: MediaType) -> float:
        kind = offer.name.partition("/")[0]
        closest_first = (offer, MediaType(offer.name), MediaType(f"{kind}/*"), MediaType("*/*"))
        return next((qualities[known] for known in closest_first if known in qualities), 0.0)

    return max(offers, key=quality)


def _read(text: str) -> tuple[MediaType, float] | None:
    name, *words = (word.strip().lower() for word in text.split(";"))
    pairs = (word.partition("=") for word in words)
    parameters = {key.strip(): value.strip().strip('"') for key, _, value in pairs}
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return None
    if "/" not in name or not 0 <= quality <= 1:
        return None
    return MediaType(name, parameters.get("version")), quality
