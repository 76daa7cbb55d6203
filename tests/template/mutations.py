"""Make every single fault of a template: each property dropped, changed, or joined by another one.

Faults are made of the parsed template, so that a new resource has its own without a line here. What
is for people (descriptions, tags, names of statements) is left alone.
"""

import json
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple


class Instead(Enum):
    """What takes the place of what is dropped: a member is the same one in every process."""

    NOTHING = "nothing"


DROP = Instead.NOTHING
Path = tuple[str | int, ...]

FOR_PEOPLE = {"Description", "GroupDescription", "Label", "Sid", "Tags", "title"}
# A text that has to be there, whatever it says.
SAYS_WHY = {"AlarmDescription", "AssertDescription", "ConstraintDescription"}
A_TEXT = 120  # characters; a longer one is changed line by line


class Fault(NamedTuple):
    """What stands at *path* is replaced by *value*, or is dropped."""

    path: Path
    kind: str
    value: Any

    @property
    def name(self) -> str:
        """Return a name that stays as long as the template's part does."""
        return f"{'/'.join(map(str, self.path))}: {self.kind}"

    def put_into(self, tree: Any) -> Any:
        """Return *tree* with the fault in it; what is not on its way is shared."""
        return _put(tree, self.path, self.value)


def _put(tree: Any, path: Path, value: Any) -> Any:
    key, *rest = path
    found: Any = list(tree) if isinstance(tree, list) else dict(tree)
    if rest:
        below = found.get(key, {}) if isinstance(found, dict) else found[key]
        found[key] = _put(below, tuple(rest), value)
    elif value is DROP:
        del found[key]
    elif isinstance(found, list) and key == len(found):
        found.append(value)
    else:
        found[key] = value
    return found


def is_intrinsic(node: Any) -> bool:
    """Say whether *node* is a call of a function of CloudFormation."""
    if not isinstance(node, dict) or len(node) != 1:
        return False
    [(name, argument)] = node.items()
    return (
        name == "Ref"
        or name.startswith("Fn::")
        or (name == "Condition" and isinstance(argument, str))
    )


class Schema:
    """What the registry says of one type's properties, followed as far as it goes."""

    def __init__(self, node: dict[str, Any], definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        while "$ref" in node:
            node = definitions.get(node["$ref"].rpartition("/")[2], {})
        self._node = node

    @property
    def choices(self) -> list[Any]:
        """Return the values that there are."""
        found: list[Any] = self._node.get("enum", [])
        return found

    @property
    def properties(self) -> dict[str, Any]:
        """Return what an object of this kind may have."""
        found: dict[str, Any] = self._node.get("properties", {})
        return found

    def below(self, key: str | int) -> "Schema":
        """Return what is said of the member *key*, or of each item."""
        node = self._node.get("items", {}) if isinstance(key, int) else self.properties.get(key, {})
        return Schema(node if isinstance(node, dict) else {}, self._definitions)

    def examples(self, depth: int = 0) -> list[Any]:
        """Return one or two values that the schema takes."""
        node = self._node
        for either in ("oneOf", "anyOf"):
            if node.get(either) and "type" not in node:
                return Schema(node[either][0], self._definitions).examples(depth)
        kind = node.get("type", "string")
        kind = kind[-1] if isinstance(kind, list) else kind
        if self.choices:
            return [self.choices[0], self.choices[-1]]
        match kind:
            case "boolean":
                return [True, False]
            case "integer" | "number":
                return [node.get("minimum", 1), node.get("maximum", 7)]
            case "array":
                return [[self.below(0).examples(depth + 1)[0]]]
            case "object" if depth > 4:
                return [{}]
            case "object":
                names = node.get("required") or list(self.properties)[:1]
                return [{name: self.below(name).examples(depth + 1)[0] for name in names}]
            case _:
                return ["added"]


class Mutations:
    """The faults of one template; *schemas* are those of its resources' types."""

    def __init__(self, source: dict[str, Any], schemas: dict[str, Any]) -> None:
        self._source = source
        self._schemas = schemas

    def all(self) -> list[Fault]:
        """Return every fault, each under a name of its own."""
        found: dict[str, Fault] = {}
        for fault in self._of_all():
            if fault.value is DROP or fault.put_into(self._source) != self._source:
                found.setdefault(fault.name, fault)
        return list(found.values())

    def _of_all(self) -> Iterator[Fault]:
        yield from self._of_parameters()
        for section in ("Rules", "Conditions", "Mappings", "Outputs"):
            for name, node in self._source.get(section, {}).items():
                yield Fault((section, name), "dropped", DROP)
                yield from self._below((section, name), node)
        for name in self._source.get("Outputs", {}):
            yield Fault(("Outputs", name, "Export"), "added", {"Name": "exported"})
            yield Fault(("Outputs", name, "Description"), "dropped", DROP)
        for kind, properties in self._source.get("Globals", {}).items():
            schema = self._schema(f"AWS::Serverless::{kind}")
            yield from self._below(("Globals", kind), properties, schema)
        for name, resource in self._source["Resources"].items():
            yield from self._of_resource(name, resource)

    # ---- parameters -----------------------------------------------------------------------------

    def _of_parameters(self) -> Iterator[Fault]:
        for name, parameter in self._source["Parameters"].items():
            path: Path = ("Parameters", name)
            yield Fault(path, "dropped", DROP)
            yield Fault((*path, "NoEcho"), "added", True)
            for key, value in parameter.items():
                where = (*path, key)
                if key == "Description":
                    yield Fault(where, "dropped", DROP)
                    continue
                yield from self._of_member(where, value)
                if key == "AllowedPattern":
                    yield Fault(where, "loosened", f"{value}|.*")
                    yield Fault(where, "begun anyhow", f".?({value})")
                    yield Fault(where, "ended anyhow", f"({value}).?")
                elif key == "Type":
                    yield Fault(where, "another", "Number" if value == "String" else "String")
                elif key == "Default" and not value:
                    yield Fault(where, "asks for something", "1")

    # ---- resources ------------------------------------------------------------------------------

    def _of_resource(self, name: str, resource: dict[str, Any]) -> Iterator[Fault]:
        path: Path = ("Resources", name)
        kind = resource["Type"]
        yield Fault(path, "dropped", DROP)
        if not kind.startswith("AWS::Serverless::"):
            yield Fault(("Resources", f"{name}Copy"), "added", resource)
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            if key in resource:
                yield Fault((*path, key), "dropped", DROP)
            yield Fault((*path, key), "retains", "Retain")
            yield Fault((*path, key), "deletes", "Delete")
        for condition in self._source.get("Conditions", {}):
            if condition != resource.get("Condition"):
                yield Fault((*path, "Condition"), f"as {condition}", condition)
        for key in resource.keys() & {"Condition", "DependsOn"}:
            yield Fault((*path, key), "dropped", DROP)
        if kind.startswith("AWS::Serverless::"):
            yield from self._below((*path, "Metadata"), resource.get("Metadata", {}))
        properties = resource.get("Properties", {})
        yield from self._below((*path, "Properties"), properties, self._schema(kind))

    def _schema(self, kind: str) -> Schema:
        found = self._schemas.get(kind, {})
        return Schema(found, found.get("definitions", {}))

    # ---- anything -------------------------------------------------------------------------------

    def _of_member(self, path: Path, node: Any, schema: Schema | None = None) -> Iterator[Fault]:
        key = path[-1]
        if key in FOR_PEOPLE:
            return
        yield Fault(path, "dropped", DROP)
        if key not in SAYS_WHY:
            yield from self._below(path, node, schema)

    def _below(self, path: Path, node: Any, schema: Schema | None = None) -> Iterator[Fault]:
        schema = schema or Schema({}, {})
        match node:
            case dict() if is_intrinsic(node):
                yield from self._of_intrinsic(path, *node.items())
            case dict():
                event = self._schemas.get(f"event {node.get('Type')}") if "Events" in path else None
                for key, member in node.items():
                    below = schema.below(key)
                    if event and key == "Properties":
                        below = Schema(event, event["definitions"])
                    yield from self._of_member((*path, key), member, below)
                for key in schema.properties.keys() - node.keys() - FOR_PEOPLE:
                    for number, value in enumerate(schema.below(key).examples()):
                        kind = "added" if number == 0 else "added otherwise"
                        yield Fault((*path, key), kind, value)
            case list():
                for number, member in enumerate(node):
                    yield Fault((*path, number), "dropped", DROP)
                    yield from self._below((*path, number), member, schema.below(number))
                yield Fault((*path, len(node)), "added", self._another(node, path))
            case _:
                yield from self._of_scalar(path, node, schema)

    def _another(self, items: list[Any], path: Path) -> Any:
        """Return an item that could stand beside *items*."""
        last = items[-1] if items else "added"
        if path[-1] == "Action":
            return f"{last.partition(':')[0]}:Delete*"
        if path[-1] == "Resource":
            return "*"
        if path[-1] == "AllowedValues":
            return 4242 if isinstance(last, int) else "added"
        if path[-1] == "Statement":
            return {
                "Effect": "Allow",
                "Principal": {"AWS": "999999999999"},
                "Action": "*",
                "Resource": "*",
            }
        if isinstance(last, str):
            return "added"
        changed = next(self._below(("item",), last), None)
        return changed.put_into({"item": last})["item"] if changed else last

    def _of_scalar(self, path: Path, value: Any, schema: Schema) -> Iterator[Fault]:
        if isinstance(value, bool):
            yield Fault(path, "flipped", not value)
            return
        others = [choice for choice in schema.choices if str(choice) != str(value)]
        for choice in (others[:1] + others[-1:])[:2]:
            yield Fault(path, f"as {choice}", choice)
        if others:
            return
        number = _number(value)
        if number is not None:
            shape: Callable[[float], Any] = str if isinstance(value, str) else float
            if isinstance(value, int) or str(value).isdigit():
                shape = str if isinstance(value, str) else int
            doubled, halved = number * 2 or 1, number / 2
            if "." not in str(value):
                doubled, halved = int(doubled), int(halved)
            yield Fault(path, "more", shape(doubled))
            yield Fault(path, "less", shape(halved) if number else shape(-1))
            return
        text = str(value)
        if text in ("true", "false"):
            yield Fault(path, "flipped", "false" if text == "true" else "true")
            return
        yield from self._of_text(path, text, lambda changed: changed)

    def _of_text(self, path: Path, text: str, write: Callable[[str], Any]) -> Iterator[Fault]:
        lines = text.splitlines(keepends=True)
        if len(text) > A_TEXT and len(lines) > 1:
            for number, line in enumerate(lines):
                fewer = "".join(lines[:number] + lines[number + 1 :])
                yield Fault(path, f"without line {number}", write(fewer))
                other = [*lines[:number], line.replace("e", "o", 1), *lines[number + 1 :]]
                yield Fault(path, f"another line {number}", write("".join(other)))
            return
        yield Fault(path, "changed", write(f"{text}x" if text else "x"))
        if len(text) > 1:
            yield Fault(path, "cut", write(text[: len(text) // 2]))
        if path[-1] == "Action" or (len(path) > 1 and path[-2] == "Action"):
            yield Fault(path, "widened", write(f"{text.partition(':')[0]}:*"))
        if path[-1] == "Resource" or (len(path) > 1 and path[-2] == "Resource"):
            yield Fault(path, "widened", write("*"))

    # ---- intrinsic functions --------------------------------------------------------------------

    def _of_intrinsic(self, path: Path, call: tuple[str, Any]) -> Iterator[Fault]:
        function, argument = call
        where = (*path, function)
        match function:
            case "Ref" if argument != "AWS::NoValue":
                yield Fault(path, "another", {"Ref": self._other_name(argument)})
                yield Fault(path, "written out", self._written_out(argument))
            case "Condition":
                yield Fault(path, "another", {"Condition": self._other_condition(argument)})
            case "Fn::GetAtt":
                name, *rest = argument.split(".") if isinstance(argument, str) else argument
                yield Fault(path, "another", {function: [self._other_name(name), *rest]})
            case "Fn::Sub" if isinstance(argument, list):
                yield from self._of_sub((*where, 0), argument[0], argument[1], lambda text: text)
                yield from self._below((*where, 1), argument[1])
            case "Fn::Sub":
                yield from self._of_sub(path, argument, {}, lambda text: {"Fn::Sub": text})
            case "Fn::If":
                condition, then, otherwise = argument
                yield Fault(path, "swapped", {function: [condition, otherwise, then]})
                yield Fault(path, "always", then)
                yield Fault(path, "never", otherwise)
                other = self._other_condition(condition)
                yield Fault(path, "another", {function: [other, then, otherwise]})
                for number in (1, 2):
                    yield from self._below((*where, number), argument[number])
            case "Fn::Not":
                yield Fault(path, "not negated", argument[0])
                yield from self._below((*where, 0), argument[0])
            case "Fn::And" | "Fn::Or":
                other = "Fn::Or" if function == "Fn::And" else "Fn::And"
                yield Fault(path, f"as {other}", {other: argument})
                for number, each in enumerate(argument):
                    yield Fault(path, f"only {number}", each)
                    yield from self._below((*where, number), each)
            case (
                "Fn::Equals" | "Fn::Contains" | "Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::Cidr"
            ):
                for number, each in enumerate(argument):
                    yield from self._below((*where, number), each)
            case "Fn::GetAZs":
                yield Fault(where, "of another region", "us-east-1")
            case "Fn::Base64":
                yield from self._below(where, argument)

    def _of_sub(
        self, path: Path, text: str, variables: dict[str, Any], write: Callable[[str], Any]
    ) -> Iterator[Fault]:
        yield from self._of_text(path, text, write)
        for part in text.split("${")[1:]:
            name = part.partition("}")[0]
            if name in variables or name.startswith("!"):
                continue
            head, dot, attribute = name.partition(".")
            other = f"{self._other_name(head)}{dot}{attribute}"
            written = self._written_out(head) if not dot else head
            whole = "${" + name + "}"
            for kind, instead in (("another", "${" + other + "}"), ("written out", str(written))):
                yield Fault(path, f"{name} {kind}", write(text.replace(whole, instead, 1)))

    def _other_condition(self, name: str) -> str:
        return _next(list(self._source["Conditions"]), name)

    def _other_name(self, name: str) -> str:
        """Return what *name* could be mistaken for: the next of its kind."""
        parameters, resources = self._source["Parameters"], self._source["Resources"]
        if name.startswith("AWS::"):
            return "AWS::StackName" if name != "AWS::StackName" else "AWS::Region"
        if name in parameters:
            kind = parameters[name]["Type"]
            alike = [each for each, found in parameters.items() if found["Type"] == kind]
            return _next(alike if len(alike) > 1 else list(parameters), name)
        kind = resources.get(name, {}).get("Type")
        alike = [each for each, found in resources.items() if found["Type"] == kind]
        return _next(alike if len(alike) > 1 else list(resources), name)

    def _written_out(self, name: str) -> Any:
        """Return what *name* stands for in the deployment that everybody has in mind."""
        usual = {
            "AWS::Region": "eu-central-1",
            "AWS::Partition": "aws",
            "AWS::AccountId": "123456789012",
            "AWS::StackName": "weir",
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in self._source["Parameters"]:
            return self._source["Parameters"][name].get("Default", "")
        return usual.get(name, f"weir-{name.lower()}")


def _next(names: list[str], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (ValueError, TypeError):
        return None


def plain(source: Any) -> Any:
    """Return *source* as JSON has it, each part for itself even where YAML shares it."""
    return json.loads(json.dumps(source, default=str))
