"""What the template promises, on its expansion for each kind of deployment."""

import pytest

from tests.template import (
    rules_access,
    rules_alarms,
    rules_api,
    rules_closed,
    rules_code,
    rules_dashboard,
    rules_data,
    rules_flow,
    rules_interface,
    rules_network,
    rules_queries,
    rules_tables,
)
from tests.template.decided import RESOURCES
from tests.template.decided.interface import PARAMETERS
from tests.template.deployment import PSEUDO_PARAMETERS, Deployment
from tests.template.rules import RULES, Rule
from tests.template.translator import DEPLOYMENTS

MODULES = (
    rules_access,
    rules_alarms,
    rules_api,
    rules_closed,
    rules_code,
    rules_dashboard,
    rules_data,
    rules_flow,
    rules_interface,
    rules_network,
    rules_queries,
    rules_tables,
)  # they register


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_promise_is_kept(name: str, rule: Rule, deployments: dict[str, Deployment]) -> None:
    """Each rule's own docstring says what it is for."""
    findings = list(rule(deployments[name]))

    assert findings == []


def test_prod_is_deployed_gradually(deployments: dict[str, Deployment]) -> None:
    """What protects is on where there is something to lose."""
    group = "UploaderFunctionDeploymentGroup"

    assert group in deployments["prod"].resources
    assert group not in deployments["dev"].resources


def test_stages_are_backed_up_only_where_an_object_holds_many_messages(
    deployments: dict[str, Deployment],
) -> None:
    """AWS Backup takes an object for 128 KB at least: $6 a month for a million small ones."""
    for name in ("dev", "prod"):
        in_batches = deployments[name].parameters["StorageLayout"] == "batch"

        assert in_batches or not deployments[name].given("BackupRetentionInDays"), name


def test_what_protects_is_tried_somewhere(deployments: dict[str, Deployment]) -> None:
    """A rule about backups that no deployment has would pass for ever."""
    assert {"BackupPlan", "BackupFailedAlarm"} <= deployments["abroad"].resources.keys()


def test_every_parameter_is_varied() -> None:
    """A value written out, where a parameter was meant, shows in a deployment with another."""
    given = {name for deployment in DEPLOYMENTS.values() for name in deployment}

    assert given - PSEUDO_PARAMETERS.keys() == PARAMETERS.keys()
    assert given >= PSEUDO_PARAMETERS.keys()


def test_no_two_conditions_are_true_together(deployments: dict[str, Deployment]) -> None:
    """A resource under the wrong condition shows in a deployment in which the right one differs."""
    conditions = deployments["dev"].template["Conditions"]
    truths = {
        name: tuple(deployment.holds(name) for deployment in deployments.values())
        for name in conditions
    }

    assert len(set(truths.values())) == len(conditions), truths


def test_every_decision_has_its_reason() -> None:
    """A table without reasons is a copy of the template."""
    for name, decided in RESOURCES.items():
        for key, (_, why) in decided.properties.items():
            assert len(why.split()) >= 2, f"{name}.{key}"
