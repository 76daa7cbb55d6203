"""The budget is offered exactly where CloudFormation can make one."""

from tests.support.template import template
from tests.template.translator import Translator

# Partitions with a bill of their own, some in another currency.
ELSEWHERE = ("cn-", "eu-isoe-", "eusc-", "us-gov-", "us-iso")
KIND = "AWS::Budgets::Budget"


def test_rule_names_the_regions_that_have_the_type(translator: Translator) -> None:
    """Anywhere else the deployment would end in "Unrecognized resource types"."""
    regions = translator.regions(KIND)
    _, in_region = template()["Rules"]["BudgetNeedsTheRest"]["Assertions"]

    named, where = in_region["Assert"]["Fn::Contains"]

    assert named == [region for region in regions if not region.startswith(ELSEWHERE)]
    assert where == {"Ref": "AWS::Region"}


def test_what_cannot_change_in_place_does_not_depend_on_a_parameter() -> None:
    """A replacement of the same name is refused, and the update is rolled back."""
    properties = template()["Resources"]["Budget"]["Properties"]

    assert properties["Budget"]["BudgetName"] == {"Sub": "${AWS::StackName}-${AWS::Region}"}
    for each in properties["NotificationsWithSubscribers"]:
        assert each["Subscribers"] == [
            {"SubscriptionType": "SNS", "Address": {"Ref": "AlarmTopic"}}
        ]
