"""Where the messages of a load run are stored."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta


def prefixes(contracts: Iterable[str], since: datetime, until: datetime) -> Iterator[str]:
    """Yield what the keys begin with, for every contract and hour (UTC) of *since* to *until*."""
    for contract in contracts:
        hour = since.replace(minute=0, second=0, microsecond=0)
        while hour <= until:
            yield f"messages/contract={contract}/dt={hour:%Y-%m-%d}/hour={hour:%H}/"
            hour += timedelta(hours=1)
