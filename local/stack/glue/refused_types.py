"""Resource types that the emulator refuses: left out of the built template, and nothing else."""

import re
from typing import Any

from ..local_stack import StackError

# The emulator answers "Unrecognized resource types" to a template that has one of these.
LEFT_OUT = {
    "AWS::Athena::NamedQuery": "the emulator's CloudFormation does not know saved queries",
    "AWS::CloudWatch::CompositeAlarm": "only the emulator's API knows composite alarms",
    "AWS::EC2::SecurityGroupEgress": "the emulator knows rules only within their group",
    "AWS::EC2::SecurityGroupIngress": "the emulator knows rules only within their group",
    "AWS::Logs::QueryDefinition": "the emulator keeps no saved queries",
}


def leave_out(template: dict[str, Any]) -> dict[str, str]:
    """Take the resources of `LEFT_OUT` out of *template*; return their types by their names.

    Only `DependsOn` and outputs may name a resource that is left out: anything else would change
    what the rest of the template means, and is an error.
    """
    resources = template["Resources"]
    names = {
        name: resource["Type"]
        for name, resource in resources.items()
        if resource["Type"] in LEFT_OUT
    }
    for name in names:
        del resources[name]
    for resource in resources.values():
        if waits := resource.get("DependsOn"):
            listed = [waits] if isinstance(waits, str) else waits
            resource["DependsOn"] = [name for name in listed if name not in names]
    outputs = template.get("Outputs", {})
    for name in [name for name, output in outputs.items() if _references(output) & names.keys()]:
        del outputs[name]
    for name, resource in resources.items():
        if missing := _references(resource) & names.keys():
            raise StackError(f"{name} needs {missing.pop()}, which the emulator does not know.")
    return names


def _references(value: Any) -> set[str]:
    """Return the logical ids, parameters and pseudo parameters that *value* refers to."""
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(_references, value.values()))
    match value:
        case {"Ref": str(name)}:
            found.add(name)
        case {"Fn::GetAtt": [str(name), *_]}:
            found.add(name)
        case {"Fn::GetAtt": str(text)}:
            found.add(text.partition(".")[0])
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            found.update(re.findall(r"\$\{([^!.}]+)", text))
    return found
