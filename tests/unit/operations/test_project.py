"""What the repository holds."""

from operations.project import FUNCTIONS, ROOT
from tests.support.template import template


def test_functions_are_those_of_the_template() -> None:
    """A function that is missing here would ship without its licenses or its pins."""
    deployed = {
        resource["Properties"]["Handler"].split(".")[0]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }

    assert set(FUNCTIONS) == deployed


def test_root_is_where_the_template_is() -> None:
    """Every path of every tool begins there."""
    assert (ROOT / "template.yaml").is_file()
