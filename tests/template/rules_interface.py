"""Rules: whoever deploys is told what to give and what comes out."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator

from tests.template.deployment import PSEUDO_PARAMETERS, Deployment
from tests.template.rules import rule

CONSTRAINTS = {"AllowedValues", "AllowedPattern", "MinValue"}


@rule
def parameters_explain_and_guard_themselves(deployment: Deployment) -> Iterator[str]:
    """A wrong value is refused before anything is made, in words that say what is right."""
    for name, parameter in deployment.source["Parameters"].items():
        if not parameter.get("Description", "").endswith("."):
            yield f"{name} has no description"
        free = parameter["Type"] not in ("String", "Number")  # AWS checks lists and SSM parameters
        if not free and not CONSTRAINTS & parameter.keys():
            yield f"{name} takes anything"
        if "AllowedPattern" in parameter and name != "Stage" and "Default" not in parameter:
            yield f"{name} has no default"
    groups = deployment.source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    if sorted(shown) != sorted(deployment.source["Parameters"]):
        yield "a parameter is in no group, or in two"


@rule
def outputs_say_what_to_do_with_them(deployment: Deployment) -> Iterator[str]:
    """An output that nobody knows what to do with is none."""
    needed = {
        "ApiUrl",
        "ApiEndpoint",
        "MessageBucketName",
        "MessageQueueUrl",
        "DeadLetterQueueUrl",
        "TokenParameterPath",
        "Version",
    }
    if missing := needed - deployment.outputs.keys():
        yield f"outputs are missing: {missing}"
    for name, output in deployment.outputs.items():
        if not output.get("Description", "").endswith("."):
            yield f"{name} has no description"


@rule
def addresses_are_those_that_are_open(deployment: Deployment) -> Iterator[str]:
    """The address that is told is the user's domain where there is one, beside AWS's own."""
    domain = deployment.parameters["DomainName"]
    own = "https://HttpApi.execute-api.eu-central-1.amazonaws.com"
    for name, wanted in {
        "ApiUrl": f"https://{domain}" if domain else own,
        "ApiEndpoint": own,
    }.items():
        if (url := deployment.outputs.get(name, {}).get("Value", "")) != wanted:
            yield f"{name} tells the API to be at {url}"
    mapping = deployment.properties("ApiDomainMapping")
    if bool(domain) != (mapping.get("ApiId") == "HttpApi"):
        yield "the domain does not lead to the API"
    for configuration in deployment.properties("ApiDomain").get("DomainNameConfigurations", []):
        if configuration.get("SecurityPolicy") != "TLS_1_2":
            yield "the domain takes old TLS"


@rule
def names_begin_with_the_stacks(deployment: Deployment) -> Iterator[str]:
    """Stacks of one account do not collide, and the pipeline may touch its own and no other.

    Dashboards of all regions are in one list, so their names tell the region too.
    """
    stack, region = PSEUDO_PARAMETERS["AWS::StackName"], PSEUDO_PARAMETERS["AWS::Region"]
    beginnings = {
        "AWS::CloudWatch::Dashboard": ("DashboardName", f"{stack}-{region}"),
        "AWS::Logs::QueryDefinition": ("Name", f"{stack}/"),
        "AWS::Scheduler::Schedule": ("Name", f"{stack}-"),
    }
    for kind, (key, beginning) in beginnings.items():
        for logical_id, found in deployment.of_type(kind).items():
            if not (name := found["Properties"].get(key, "")).startswith(beginning):
                yield f"{logical_id} is named {name!r}"
