"""What the template promises, on its expansion for each kind of deployment."""

import pytest

from tests.template import (
    rules_access,
    rules_alarms,
    rules_api,
    rules_code,
    rules_dashboard,
    rules_data,
    rules_flow,
    rules_interface,
    rules_network,
    rules_queries,
)
from tests.template.deployment import Deployment
from tests.template.rules import RULES, Rule
from tests.template.translator import DEPLOYMENTS

MODULES = (
    rules_access,
    rules_alarms,
    rules_api,
    rules_code,
    rules_dashboard,
    rules_data,
    rules_flow,
    rules_interface,
    rules_network,
    rules_queries,
)  # they register


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_promise_is_kept(name: str, rule: Rule, deployments: dict[str, Deployment]) -> None:
    """Each rule's own docstring says what it is for."""
    findings = list(rule(deployments[name]))

    assert findings == []


def test_prod_is_deployed_gradually_and_backed_up(deployments: dict[str, Deployment]) -> None:
    """What protects is off by default, for its price, and on where there is something to lose."""
    resources = deployments["prod"].resources

    assert {"BackupPlan", "UploaderFunctionDeploymentGroup"} <= resources.keys()
    assert (
        not {"BackupPlan", "UploaderFunctionDeploymentGroup"} & deployments["dev"].resources.keys()
    )
