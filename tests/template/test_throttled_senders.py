"""Throttled senders, shown on recorded lines of the access log: counted, found, and heard of."""

import json
import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from local.dashboard.alarm_state import standing
from tests.support.events import EVENTS
from tests.template.deployment import Deployment

LINES = [json.loads(line) for line in (EVENTS / "api/access_log.ndjson").read_text().splitlines()]


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Return whether a metric filter's *pattern*, one comparison of a field with a text, fits.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    found = re.fullmatch(r'\{ \$\.(\w+) (=|!=) "(\w+)" \}', pattern)
    assert found
    field, comparison, text = found.groups()
    return bool(line[field] == text) == (comparison == "=")


def published(deployment: Deployment) -> dict[tuple[str, frozenset[Any]], dict[int, float]]:
    """Return what the filters make of LINES: sums by metric, dimensions and minute."""
    sums: dict[tuple[str, frozenset[Any]], Counter[int]] = {}
    for resource in deployment.of_type("AWS::Logs::MetricFilter").values():
        (made,) = resource["Properties"]["MetricTransformations"]
        for each in LINES:
            line = each["line"]
            if matches(resource["Properties"]["FilterPattern"], line):
                names = {one["Key"]: one["Value"].removeprefix("$.") for one in made["Dimensions"]}
                dimensions = frozenset((key, line[field]) for key, field in names.items())
                minute = int(datetime.fromisoformat(each["time"]).timestamp()) // 60 * 60
                counts = sums.setdefault((made["MetricName"], dimensions), Counter())
                counts[minute] += float(made["MetricValue"])  # type: ignore[assignment]
    return {key: dict(sorted(counts.items())) for key, counts in sums.items()}


@pytest.fixture
def counted(deployments: dict[str, Deployment]) -> dict[int, float]:
    """Return the throttled requests of each minute, as the alarm sees them."""
    alarm = deployments["prod"].properties("ThrottledSendersAlarm")
    dimensions = frozenset((each["Name"], each["Value"]) for each in alarm["Dimensions"])
    return published(deployments["prod"])[alarm["MetricName"], dimensions]


def test_recorded_lines_have_the_form_of_the_template(deployments: dict[str, Deployment]) -> None:
    """A recording of another form would show nothing."""
    stage = deployments["prod"].properties("HttpApiApiGatewayDefaultStage")
    written = json.loads(stage["AccessLogSettings"]["Format"])

    assert all(each["line"].keys() == written.keys() for each in LINES)


def test_each_throttled_request_is_counted_and_every_other_minute_is_zero(
    counted: dict[int, float],
) -> None:
    """HTTP APIs count a 429 only among all 4xx answers, such as the 422 of these lines."""
    assert list(counted.values()) == [0, 0, 3, 3, 3, 3, 0, 0]


def test_the_alarm_rings_for_senders_that_do_not_stop(
    deployments: dict[str, Deployment], counted: dict[int, float]
) -> None:
    """And not for one burst, which is what the limit is for."""
    alarm = deployments["prod"].properties("ThrottledSendersAlarm")
    minutes = sorted(counted)

    states = [
        standing(alarm, {each: counted[each] for each in minutes[: at + 1]}, minutes[at] + 59).state
        for at in range(len(minutes))
    ]

    assert states == ["OK"] * 4 + ["ALARM"] * 4


def test_the_query_finds_who_was_throttled(deployments: dict[str, Deployment]) -> None:
    """An address is what can be told of a request that reached no function."""
    text = deployments["prod"].properties("ThrottledSendersQuery")["QueryString"]
    found = re.search(r"filter (\w+) like /(.+)/", text)
    assert found

    senders = Counter(
        each["line"]["source_ip"] for each in LINES if re.search(found[2], each["line"][found[1]])
    )

    assert senders == {"198.51.100.7": 12}
    assert "by source_ip" in text
