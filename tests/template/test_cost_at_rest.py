"""The bill at rest counts what is deployed by default."""

from benchmarks.packages import FUNCTIONS
from operations.cost.million import WINDOW_SECONDS
from operations.cost.prices import MEMORY_MB, Line, together
from operations.cost.report import WINDOWS
from operations.cost.rest import added_by, at_rest, came_since
from tests.support.template import template
from tests.template.deployment import Deployment
from tests.template.metrics import metrics_published
from tests.template.rules_alarms import alarms

MOST_DOLLARS = 16
TARGETS = 2


def counted(price_name: str, lines: list[Line]) -> float:
    """Return how many of the price *price_name* the *lines* count."""
    return sum(line.count for line in lines if line.price_name == price_name)


def test_every_alarm_is_on_the_bill(deployments: dict[str, Deployment]) -> None:
    """A new alarm costs ten cents a month: add a line to operations/cost/prices.toml."""
    assert counted("alarm", at_rest()) == len(alarms(deployments["dev"]))


def test_every_metric_that_is_published_at_rest_is_on_the_bill() -> None:
    """A new series costs 30 cents a month: add a line to operations/cost/prices.toml."""
    series = [
        TARGETS if "target" in dimensions else 1
        for service, _, dimensions in metrics_published()
        if service == "latency_probe"
    ]

    assert counted("metric", at_rest()) == sum(series)


def test_every_metric_that_messages_bring_is_on_the_bill() -> None:
    """They cost by the hour in which they have values."""
    series = [1 for service, *_ in metrics_published() if service in {"validator", "uploader"}]

    assert counted("metric", added_by("traffic")) == sum(series)


def test_targets_are_the_ones_on_the_bill(deployments: dict[str, Deployment]) -> None:
    """Another type of instance costs several times as much."""
    targets = deployments["dev"].of_type("AWS::EC2::Instance").values()

    assert [target["Properties"]["InstanceType"] for target in targets] == ["t4g.nano"] * TARGETS


def test_bill_counts_with_what_the_template_sets(deployments: dict[str, Deployment]) -> None:
    """Memory, batching window and its bounds are the deployed ones."""
    allowed = template()["Parameters"]["BatchingWindowInSeconds"]
    memory = {
        name: deployments["dev"].properties(logical_id)["MemorySize"]
        for name, logical_id in FUNCTIONS.items()
    }

    assert memory == MEMORY_MB
    assert allowed["Default"] == WINDOW_SECONDS
    assert (WINDOWS[0], WINDOWS[-1]) == (allowed["MinValue"], allowed["MaxValue"])


def test_rest_costs_at_most_sixteen_dollars() -> None:
    """What nobody uses should cost little, and what came since a release is told apart."""
    assert together(at_rest()) - together(came_since()) <= MOST_DOLLARS


def test_the_canary_costs_at_most_four_dollars(deployments: dict[str, Deployment]) -> None:
    """By item, with traces and logs; its alarms and metrics are the deployed ones."""
    lines = added_by("canary")
    more = alarms(deployments["prod"]).keys() - alarms(deployments["dev"]).keys()
    series = [name for service, name, _ in metrics_published() if service == "canary"]
    entries = ["ClientsUnreadable", "TokensExpiring"]

    assert counted("alarm", lines) == len(more)
    assert counted("metric", lines) == len(series) + len(entries)
    assert together(lines) <= 4
