"""The bill at rest counts what is deployed by default."""

import pytest

from benchmarks.cost import PRICES, WINDOWS, at_rest, report_at_rest, report_windows
from operations.project import ROOT
from tests.support.template import template
from tests.template.deployment import Deployment
from tests.template.metrics import metrics_published
from tests.template.rules_alarms import alarms

MOST_DOLLARS = 16
TARGETS = 2


def counted(item: str) -> int:
    """Return how many of *item* the price list counts, with what was added since."""
    added: list[int] = [each.get(item, 0) for each in PRICES["added"].values()]
    return int(PRICES["at_rest"][item]) + sum(added)


def test_every_alarm_is_on_the_bill(deployments: dict[str, Deployment]) -> None:
    """A new alarm costs ten cents a month: add it to [added] in benchmarks/prices.toml."""
    assert counted("alarms") == len(alarms(deployments["dev"]))


def test_every_metric_that_is_published_at_rest_is_on_the_bill() -> None:
    """A new series costs 30 cents a month: add it to [added] in benchmarks/prices.toml."""
    series = [
        TARGETS if "target" in dimensions else 1
        for service, _, dimensions in metrics_published()
        if service == "latency_probe"
    ]

    assert counted("metrics") == sum(series)


def test_targets_are_the_ones_on_the_bill(deployments: dict[str, Deployment]) -> None:
    """Another type of instance costs several times as much."""
    targets = deployments["dev"].of_type("AWS::EC2::Instance").values()

    assert [target["Properties"]["InstanceType"] for target in targets] == ["t4g.nano"] * TARGETS


def test_document_has_the_price_of_each_window(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever sets the parameter reads what it costs, from its least value to its greatest."""
    allowed = template()["Parameters"]["BatchingWindowInSeconds"]

    report_windows()

    assert capsys.readouterr().out in (ROOT / "docs/scaling.md").read_text()
    assert (WINDOWS[0], WINDOWS[-1]) == (allowed["MinValue"], allowed["MaxValue"])


def test_rest_costs_at_most_sixteen_dollars(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody uses should cost little, and what came since is told apart."""
    report_at_rest()

    assert sum(line.dollars for line in at_rest()) <= MOST_DOLLARS
    assert "| **together** |" in capsys.readouterr().out
