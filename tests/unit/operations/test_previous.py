"""What a rollback puts back is what CloudFormation ran."""

from typing import Any

from botocore.exceptions import ClientError

from operations.previous import read


class CloudFormation:
    """Stands for the API of CloudFormation with one stack, or none."""

    def __init__(self, status: str | None) -> None:
        self.status = status

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        """Describe the stack, or refuse as AWS does."""
        if not self.status:
            error: Any = {"Error": {"Message": "Stack with id weir-dev does not exist"}}
            raise ClientError(error, "DescribeStacks")
        parameters = [
            {"ParameterKey": "Stage", "ParameterValue": "dev"},
            {"ParameterKey": "Image", "ParameterValue": "ami-1"},
        ]
        return {"Stacks": [{"StackStatus": self.status, "Parameters": parameters}]}

    def get_template(self, **_: str) -> dict[str, Any]:
        """Return the template as it was deployed."""
        return {"TemplateBody": "Resources: {}"}

    def get_template_summary(self, **_: str) -> dict[str, Any]:
        """Return the types of the parameters."""
        parameters = [
            {"ParameterKey": "Stage", "ParameterType": "String"},
            {"ParameterKey": "Image", "ParameterType": "AWS::SSM::Parameter::Value<String>"},
        ]
        return {"Parameters": parameters}


def read_stack(status: str | None) -> Any:
    """Return what is kept of a stack in *status*."""
    formation: Any = CloudFormation(status)
    return read(formation, "weir-dev")


def test_deployed_stack_is_kept_with_its_parameters() -> None:
    """The name of an SSM parameter stays the stack's, as only its value may be told."""
    assert read_stack("UPDATE_COMPLETE") == ("Resources: {}", {"Stage": "dev"})


def test_stack_that_never_was_deployed_is_no_way_back() -> None:
    """A plan makes an empty stack; to go back to that would repair nothing."""
    assert read_stack(None) is None
    assert read_stack("REVIEW_IN_PROGRESS") is None
