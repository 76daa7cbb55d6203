"""One deployment of the template: what its resources are once its parameters are given."""

import itertools
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

PSEUDO_PARAMETERS = {
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "weir",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/weir/"
    "11111111-aaaa-bbbb-cccc-222222222222",
}
NOTHING = object()  # what AWS::NoValue stands for


class Deployment:
    """The expanded template with every parameter, condition and mapping resolved.

    A reference to a resource becomes its logical id (``MessageQueue``), an attribute becomes
    ``MessageQueue.Arn``: enough to tell which resource is meant. What is *given* are parameters,
    and pseudo-parameters by their names (``AWS::Region``).
    """

    def __init__(
        self,
        source: dict[str, Any],
        expanded: dict[str, Any],
        given: Mapping[str, str],
    ) -> None:
        self.source = source
        self.template = expanded
        self.pseudo = {name: given.get(name, usual) for name, usual in PSEUDO_PARAMETERS.items()}
        self.parameters = {
            name: given.get(name, parameter.get("Default", f"given-{name}"))
            for name, parameter in expanded["Parameters"].items()
        }
        self.resources: dict[str, dict[str, Any]] = {
            name: self._resolve(resource)
            for name, resource in expanded["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }
        self.outputs = self._resolve(expanded.get("Outputs", {}))

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of the CloudFormation type *kind*, by logical id."""
        return {name: found for name, found in self.resources.items() if found["Type"] == kind}

    def properties(self, name: str) -> dict[str, Any]:
        """Return the properties of the resource *name*; empty if it is not deployed."""
        properties: dict[str, Any] = self.resources.get(name, {}).get("Properties", {})
        return properties

    def given(self, parameter: str) -> bool:
        """Say whether *parameter* has a value that asks for something."""
        return str(self.parameters[parameter]) not in ("", "0", "false")

    def text(self, form: str) -> str:
        """Return *form* with its references, ``${MessageQueue.Arn}`` or ``${Stage}``, resolved."""
        return self._substitute(form, {})

    def value(self, expression: Any) -> Any:
        """Return what an *expression* of the template comes to."""
        return self._resolve(expression)

    def holds(self, condition: str) -> bool:
        """Say whether the named condition is true for these parameters."""
        return bool(self._resolve(self.template["Conditions"][condition]))

    def _resolve(self, value: Any) -> Any:
        match value:
            case list():
                resolved = (self._resolve(item) for item in value)
                return [item for item in resolved if item is not NOTHING]
            case dict() if len(value) == 1 and (
                (name := next(iter(value))) in {"Ref", "Condition"} or name.startswith("Fn::")
            ):
                return self._call(name, value[name])
            case dict():
                members = ((key, self._resolve(member)) for key, member in value.items())
                return {key: member for key, member in members if member is not NOTHING}
            case _:
                return value

    def _call(self, function: str, argument: Any) -> Any:
        if function == "Fn::If":
            name, when_true, when_false = argument
            return self._resolve(when_true if self.holds(name) else when_false)
        match function, self._resolve(argument):
            case "Ref", str(name):
                return self._reference(name)
            case "Condition", str(name):  # in a policy statement it is a block, not a name
                return self.holds(name)
            case "Condition", block:
                return {"Condition": block}
            case "Fn::GetAtt", [*parts]:
                return ".".join(parts)
            case "Fn::GetAtt", str(name):
                return name
            case "Fn::Sub", [text, dict(variables)]:
                return self._substitute(text, variables)
            case "Fn::Sub", text:
                return self._substitute(text, {})
            case "Fn::Join", [separator, parts]:
                items = parts.split(",") if isinstance(parts, str) else parts
                return separator.join(map(str, items))
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [index, [*items]]:
                return items[int(index)]
            case "Fn::FindInMap", [mapping, first, second]:
                return self.template["Mappings"][mapping][first][second]
            case "Fn::Equals", [left, right]:
                return str(left) == str(right)
            case "Fn::Not", [condition]:
                return not condition
            case "Fn::And", conditions:
                return all(conditions)
            case "Fn::Or", conditions:
                return any(conditions)
            case "Fn::Base64", text:
                return text
            case "Fn::GetAZs", region:
                return [f"{region or self.pseudo['AWS::Region']}{zone}" for zone in "abc"]
            case "Fn::Cidr", [block, count, *bits]:
                size = 32 - int(bits[0]) if bits else 24
                subnets = ip_network(block).subnets(new_prefix=size)
                return [str(subnet) for subnet in itertools.islice(subnets, int(count))]
            case "Fn::Contains", [[*items], item]:
                return str(item) in map(str, items)
            case _:
                raise NotImplementedError(function)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NOTHING
        value = self.pseudo.get(name, self.parameters.get(name, name))
        parameter = self.template.get("Parameters", {}).get(name, {})
        in_a_list = parameter.get("Type", "").startswith(("CommaDelimitedList", "List<"))
        return str(value).split(",") if in_a_list else value

    def _substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            return str(variables[name] if name in variables else self._reference(name))

        return re.sub(r"\$\{([^!}]+)\}", replacement, text)


def walk(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every node below *value* with its path, *value* first."""
    yield path, value
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    yield from itertools.chain.from_iterable(walk(member, (*path, key)) for key, member in members)


def listed(value: Any) -> list[Any]:
    """Return *value* as a list, as policies allow one item to stand for a list of one."""
    return value if isinstance(value, list) else [value]
