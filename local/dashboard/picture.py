"""A dashboard's body and its figures, put together into what the page draws."""

import json
import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt

from .chart import Alarms, chart
from .figures import Figures, Span

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
DURATION = re.compile(r"-P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
CLOUDWATCH_MINUTES = 3 * 60
ALARM_STATES = ("ALARM", "INSUFFICIENT_DATA", "OK")


def picture(
    figures: Figures, name: str, text: str, minutes: int | None, now: int
) -> dict[str, Any]:
    """Return what the page draws of the dashboard *name*, whose body is *text*, at *now*.

    It reaches back by *minutes*, or as far as the body says.
    """
    body = json.loads(text)
    reach = minutes or minutes_of(body.get("start", ""))
    minute = now // 60
    span = Span((minute - reach) * 60, (minute + 1) * 60)
    alarms = figures.alarms(now)
    widgets = [panel(figures, widget, alarms, span) for widget in body["widgets"]]
    return {"name": name, "now": now, "start": span.start, "end": span.end, "widgets": widgets}


def minutes_of(duration: str) -> int:
    """Return the minutes in a body's relative start, such as `-PT3H`."""
    found = DURATION.fullmatch(duration)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return (days * 24 + hours) * 60 + minutes or CLOUDWATCH_MINUTES


def panel(
    figures: Figures, widget: Mapping[str, Any], alarms: Alarms, span: Span
) -> dict[str, Any]:
    """Return one *widget*: where it stands, its title, and what is in it."""
    properties = widget.get("properties", {})
    frame = {key: widget.get(key) for key in ("type", "x", "y", "width", "height")}
    frame["title"] = properties.get("title", "")
    match widget["type"]:
        case "text":
            return frame | {"html": MARKDOWN.render(properties.get("markdown", ""))}
        case "alarm":
            return frame | {"alarms": alarm_tiles(properties.get("alarms", []), alarms)}
        case "log":
            return frame | {"query": properties.get("query", "")}
        case "metric":
            try:
                return frame | chart(figures, properties, alarms, span)
            except (ValueError, LookupError) as error:
                return frame | {"type": "other", "note": f"its metrics cannot be read ({error})"}
    return frame | {
        "type": "other",
        "note": f"widgets of type {widget['type']} are for the console",
    }


def alarm_tiles(arns: list[str], alarms: Alarms) -> list[dict[str, Any]]:
    """Return the alarms of *arns*, those that ring first."""
    found = [alarms[arn] for arn in arns if arn in alarms]
    tiles = [
        {
            "name": alarm["AlarmName"],
            "state": alarm["Standing"].state,
            "description": alarm.get("AlarmDescription", ""),
            "since": alarm["Standing"].since,
            "exact": alarm["Standing"].exact,
        }
        for alarm in found
    ]
    return sorted(tiles, key=lambda tile: ALARM_STATES.index(tile["state"]))
