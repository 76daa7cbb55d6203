"""The page is told what the body says and what CloudWatch knows, and nothing else."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.dashboard.body import Metric
from local.dashboard.figures import Figures
from local.dashboard.picture import minutes_of, picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import FakeCloudWatch

    Draw = Callable[..., dict[str, Any]]

NOW = 1_795_230_851  # 2026-11-21 03:14:11 UTC
MINUTE = NOW // 60 * 60
ACCEPTED = Metric("Weir", "MessagesAccepted", (("service", "validator"),))
STORED = Metric("Weir", "MessagesStored", (("service", "uploader"),))
ACCEPTED_ROW = ["Weir", "MessagesAccepted", "service", "validator", {"id": "accepted"}]
STORED_ROW = ["Weir", "MessagesStored", "service", "uploader", {"id": "stored"}]


@pytest.fixture
def draw(cloudwatch: "FakeCloudWatch") -> "Draw":
    """Return a function that draws one widget of the last hour."""

    def one(kind: str, **properties: Any) -> dict[str, Any]:
        body = {"widgets": [{"type": kind, "width": 12, "height": 6, "properties": properties}]}
        figures = Figures(cloudwatch)  # type: ignore[arg-type]
        drawn: dict[str, Any] = picture(figures, "d", json.dumps(body), 60, NOW)["widgets"][0]
        return drawn

    return one


def test_a_curve_has_the_points_the_unit_and_the_label(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """What a legend and an axis need."""
    cloudwatch.put(ACCEPTED, (MINUTE - 60, 2), (MINUTE - 59, 3), (MINUTE, 1))

    drawn = draw("metric", title="Ledger", period=60, stat="Sum", metrics=[ACCEPTED_ROW])

    (curve,) = drawn["curves"]
    assert drawn["title"] == "Ledger"
    assert curve["points"] == [(MINUTE - 60, 5), (MINUTE, 1)]
    assert (curve["unit"], curve["label"]) == ("Count", "MessagesAccepted")


def test_a_period_without_a_value_breaks_the_curve(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """A line across an hour of silence would hide the silence; absence is not zero."""
    cloudwatch.put(ACCEPTED, (MINUTE - 300, 2), (MINUTE, 1))

    (curve,) = draw("metric", period=60, stat="Sum", metrics=[ACCEPTED_ROW])["curves"]

    assert curve["points"] == [(MINUTE - 300, 2), (MINUTE - 240, None), (MINUTE, 1)]


def test_an_expression_is_computed_from_rows_that_come_after_it(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """The ledger's remainder; and a row that is only computed with is not drawn."""
    cloudwatch.put(ACCEPTED, (MINUTE - 60, 2), (MINUTE, 1))
    cloudwatch.put(STORED, (MINUTE - 60, 1), (MINUTE, 2))
    hidden = [*STORED_ROW[:-1], {"id": "stored", "visible": False}]
    rest = [{"expression": "RUNNING_SUM(accepted - stored)", "label": "rest", "yAxis": "right"}]

    drawn = draw("metric", period=60, stat="Sum", metrics=[rest, ACCEPTED_ROW, hidden])

    assert [curve["label"] for curve in drawn["curves"]] == ["rest", "MessagesAccepted validator"]
    assert drawn["curves"][0]["points"] == [(MINUTE - 60, 1), (MINUTE, 0)]
    assert drawn["curves"][0]["axis"] == "right"


def test_percentiles_of_one_metric_are_bands(cloudwatch: "FakeCloudWatch", draw: "Draw") -> None:
    """The space between them shows the spread; another metric's curve ends it."""
    trips = Metric("Weir", "RoundTripTime", (("service", "p"),))
    cloudwatch.put(trips, (MINUTE, 1.0), unit="Milliseconds")
    name = ["Weir", "RoundTripTime", "service", "p"]
    loss = ["Weir", "PacketLoss", "service", "p", {"stat": "Maximum"}]

    drawn = draw("metric", metrics=[[*name, {"stat": "p5"}], [*name, {"stat": "p95"}], loss])

    assert [curve["band"] for curve in drawn["curves"]] == [False, True, False]


def test_a_search_gives_a_curve_for_each_metric_found(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """Targets are given by parameter, so that the body cannot name them."""
    for target, value in (("b:80", 2.0), ("a:80", 1.0)):
        metric = Metric("Weir", "RoundTripTime", (("service", "p"), ("target", target)))
        cloudwatch.put(metric, (MINUTE, value), unit="Milliseconds")
    cloudwatch.put(Metric("Weir", "Jitter", (("service", "p"), ("target", "c:80"))), (MINUTE, 3.0))
    search = """SEARCH('{Weir,service,target} MetricName="RoundTripTime"', 'Maximum', 60)"""

    curves = draw("metric", metrics=[[{"expression": search}]])["curves"]

    assert [(curve["label"], curve["points"]) for curve in curves] == [
        ("a:80", [(MINUTE, 1.0)]),
        ("b:80", [(MINUTE, 2.0)]),
    ]


@pytest.mark.parametrize(
    ("row", "note"),
    [
        ([{"expression": "METRICS()"}], "not shown here: METRICS()"),
        (["Weir", "RoundTripTime", {"stat": "tm99"}], "not shown here: statistic tm99"),
        (["AWS/SQS", "NumberOfMessagesSent"], "nothing here publishes AWS/SQS"),
    ],
)
def test_what_cannot_be_shown_is_said(
    cloudwatch: "FakeCloudWatch", draw: "Draw", row: list[Any], note: str
) -> None:
    """An empty chart without a reason would be read as silence."""
    cloudwatch.put(ACCEPTED, (MINUTE, 1))

    drawn = draw("metric", stat="Sum", metrics=[row])

    assert drawn["note"] == note


def test_an_alarm_is_drawn_as_its_metric_and_its_threshold(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """The form of the widget that names an alarm and no metric."""
    cloudwatch.put(ACCEPTED, (MINUTE, 7))
    rule = {"ComparisonOperator": "LessThanThreshold", "Threshold": 5.0, "EvaluationPeriods": 1}
    watch = {**ACCEPTED.to_api(), "Statistic": "Sum", "Period": 60, **rule}
    arn = cloudwatch.put_alarm("Few", "OK", **watch)
    line = {"value": 9, "label": "too many"}

    drawn = draw("metric", annotations={"alarms": [arn], "horizontal": [line]})

    assert drawn["curves"][0]["points"] == [(MINUTE, 7)]
    assert drawn["thresholds"] == [line, {"value": 5.0, "label": "Few"}]


def test_a_total_over_the_whole_time_is_not_pretended(
    cloudwatch: "FakeCloudWatch", draw: "Draw"
) -> None:
    """The emulator cuts time into periods where it likes, so that a total may come in two parts."""
    cloudwatch.put(ACCEPTED, (MINUTE, 1))

    drawn = draw(
        "metric", view="singleValue", setPeriodToTimeRange=True, stat="Sum", metrics=[ACCEPTED_ROW]
    )

    assert drawn["note"] == "the value is the last period's, not that of the whole time"


def test_a_widget_that_cannot_be_read_leaves_the_others_alone(draw: "Draw") -> None:
    """The emulator takes a body that CloudWatch would refuse."""
    drawn = draw("metric", metrics=[["Weir", "Jitter", "service"]])

    assert drawn["type"] == "other"
    assert "cannot be read" in drawn["note"]


def test_alarms_that_ring_come_first(cloudwatch: "FakeCloudWatch", draw: "Draw") -> None:
    """They are what is looked for at 3 a.m."""
    arns = [cloudwatch.put_alarm(state, state) for state in ("OK", "INSUFFICIENT_DATA", "ALARM")]

    drawn = draw("alarm", alarms=[*arns, "arn:aws:cloudwatch:::alarm:gone"])

    assert [alarm["state"] for alarm in drawn["alarms"]] == ["ALARM", "INSUFFICIENT_DATA", "OK"]


def test_markdown_is_rendered_and_html_is_text(draw: "Draw") -> None:
    """Nothing in a body may run in the reader's browser."""
    text = "## Up?\n<script>a()</script> <b onclick=b()> [x](javascript:c())"

    html = draw("text", markdown=text)["html"]

    assert "<h2>Up?</h2>" in html
    assert "<script" not in html
    assert "<b" not in html
    assert "href" not in html


def test_a_unit_is_asked_for_once(cloudwatch: "FakeCloudWatch") -> None:
    """The page asks every few seconds."""
    cloudwatch.put(ACCEPTED, (MINUTE, 1))
    widget = {"type": "metric", "properties": {"stat": "Sum", "metrics": [ACCEPTED_ROW]}}
    body = json.dumps({"widgets": [widget, widget]})
    figures = Figures(cloudwatch)  # type: ignore[arg-type]

    for _ in range(2):
        picture(figures, "d", body, 60, NOW)

    assert cloudwatch.unit_questions == 1


def test_the_reader_s_choice_of_time_comes_before_the_body_s(cloudwatch: "FakeCloudWatch") -> None:
    """Both end with the minute that is running."""
    figures = Figures(cloudwatch)  # type: ignore[arg-type]
    body = json.dumps({"start": "-PT6H", "widgets": []})

    chosen, said = (picture(figures, "d", body, minutes, NOW) for minutes in (60, 0))

    assert (chosen["start"], chosen["end"]) == (MINUTE - 3600, MINUTE + 60)
    assert said["start"] == MINUTE - 6 * 3600


@pytest.mark.parametrize(
    ("start", "minutes"),
    [("-PT3H", 180), ("-P1D", 1440), ("-P1DT6H30M", 1830), ("-PT15M", 15), ("", 180),
     ("2026-11-21T00:00:00Z", 180)],
)  # fmt: skip
def test_the_time_shown_is_what_the_body_says(start: str, minutes: int) -> None:
    """Three hours are what CloudWatch shows when the body says nothing."""
    assert minutes_of(start) == minutes
