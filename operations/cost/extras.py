"""What options add to a million messages, and what reading them back costs."""

from math import ceil

from .million import Route, object_bytes, objects_in_a_batch
from .prices import ASSUMED, GB, MILLION, Line

LISTED_AT_ONCE = 1000  # keys in an answer of S3


def _objects(layout: str, size: float, contracts: int) -> float:
    return MILLION / size * objects_in_a_batch(layout, size, contracts)


def stored(layout: str, size: float, contracts: int = 1) -> list[Line]:
    """Return what S3 takes for keeping a million messages, each month."""
    kept = _objects(layout, size, contracts) * object_bytes(layout, size, contracts)
    return [Line("GB kept in S3", kept / GB, "s3_gb_month")]


def backed_up(layout: str, size: float, contracts: int = 1) -> list[Line]:
    """Return what it costs once that AWS Backup takes a million messages."""
    objects = _objects(layout, size, contracts)
    return [
        Line("backups: GETs", objects, "s3_get"),
        Line("backups: events", objects * ASSUMED["backup_events"], "stored_event"),
    ]


def backups_kept(layout: str, size: float, contracts: int = 1) -> list[Line]:
    """Return what a million backed-up messages cost each month, for as long as they are kept."""
    least = ASSUMED["backup_least_kb"] * 1024
    each = max(least, object_bytes(layout, size, contracts))
    return [Line("GB of backups", _objects(layout, size, contracts) * each / GB, "backup_gb_month")]


def stored_events(layout: str, size: float, contracts: int = 1) -> list[Line]:
    """Return what StoredEvents adds to a million messages: S3 announces each object."""
    return [Line("events of S3", _objects(layout, size, contracts), "stored_event")]


def tracing(route: Route, size: float, rate: float) -> list[Line]:
    """Return what Tracing=Active adds to a million messages that come at *rate* per second."""
    traced = sum(MILLION / each * _sampled(rate / each) for each in (route.per_request, size))
    return [Line("X-Ray traces", traced, "xray_trace")]


def _sampled(calls: float) -> float:
    """Return the share of a function's *calls* per second that Lambda traces."""
    always = min(calls, float(ASSUMED["traced_per_second"]))
    return (always + float(ASSUMED["traced_ratio"]) * (calls - always)) / calls


def query(layout: str, size: float, contracts: int = 1) -> list[Line]:
    """Return what one query costs that Athena answers by reading a million messages."""
    objects = _objects(layout, size, contracts)
    scanned = objects * object_bytes(layout, size, contracts)
    least = ASSUMED["athena_least_mb"] * MILLION
    return [
        Line("LISTs", ceil(objects / LISTED_AT_ONCE), "s3_put"),
        Line("GETs", objects, "s3_get"),
        Line("TB scanned", max(least, scanned) / 1e12, "athena_tb"),
    ]
