"""template.yaml as it is written, and the environment that it gives to each function."""

import re
from functools import cache
from typing import Any

import yaml

from operations.project import ROOT

# What boto3 needs where nothing is AWS; the keys open nothing.
AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ENDPOINT_URL": "",
}


class TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as what they hold."""


def construct_tag(loader: TemplateLoader, tag: str, node: yaml.Node) -> Any:
    """Return the content of a tagged *node* under the tag's name."""
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {tag: loader.construct_mapping(node, deep=True)}


TemplateLoader.add_multi_constructor("!", construct_tag)


@cache
def template() -> dict[str, Any]:
    """Return the template."""
    text = (ROOT / "template.yaml").read_text()
    return dict(yaml.load(text, TemplateLoader))  # noqa: S506 (a SafeLoader)


def functions() -> dict[str, str]:
    """Return the service name of each function, by its logical id.

    A service is named after its package, or after the module beside `handler` that serves it.
    """
    found = {}
    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            package, module, _ = resource["Properties"]["Handler"].split(".")
            found[name] = package if module == "handler" else module
    return found


FUNCTIONS = functions()


def function_properties(service: str) -> dict[str, Any]:
    """Return what the template says of the function *service*."""
    names = {service: name for name, service in FUNCTIONS.items()}
    properties: dict[str, Any] = template()["Resources"][names[service]]["Properties"]
    return properties


def template_environment(service: str, **given: str) -> dict[str, str]:
    """Return the environment of the function *service*, with the parameters' defaults.

    What depends on a resource must be *given*, else it raises `KeyError`; any other variable may
    be. The rest is what Lambda itself would set: keys, region, memory, and the level of its log.
    """
    properties = function_properties(service)
    common = template()["Globals"]["Function"]
    written = common["Environment"]["Variables"] | properties["Environment"]["Variables"]
    return {
        **AWS,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(properties["MemorySize"]),
        "POWERTOOLS_LOG_LEVEL": common["LoggingConfig"]["ApplicationLogLevel"],
        **{name: resolved(value) for name, value in written.items() if name not in given},
        **given,
    }


def resolved(value: Any) -> str:
    """Return the text of *value*; `KeyError` names a resource that it depends on."""
    match value:
        case str(text):
            return text
        case {"Ref": str(name)}:
            return str(template()["Parameters"][name]["Default"])
        case {"Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: resolved({"Ref": found[1]}), text)
        case {"FindInMap": [str(name), str(first), str(second)]}:
            return str(template()["Mappings"][name][first][second])
    raise KeyError(f"depends on a resource: {value}")
