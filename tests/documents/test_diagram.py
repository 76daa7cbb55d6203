"""The README's diagram is the template's: the same parts, the same ways between them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from operations.project import ROOT
from tests.support.template import template

NODE = r"(\w+)(?:\(\[[^\]]*\]\)|\[[^\]]*\])?"
ARROW = r'(?:-->(?:\|[^|]*\|)?|-\.(?:\s*"[^"]*"\s*\.)?->)'
EDGE = re.compile(rf"\s*{NODE}\s*{ARROW}\s*{NODE}\s*")

# What a function may do to a resource that puts something into it.
WRITES = {"sqs:SendMessage", "s3:PutObject"}

Edges = set[tuple[str, str]]


def references(value: Any) -> Iterator[str]:
    """Yield the logical ids that *value* refers to, with the attribute where one is named."""
    match value:
        case {"Ref": str(name)} | {"GetAtt": str(name)}:
            yield name
        case {"Sub": str(text)} | {"Sub": [str(text), *_]}:
            yield from re.findall(r"\$\{(\w[\w.]*)\}", text)
        case dict():
            for part in value.values():
                yield from references(part)
        case list():
            for part in value:
                yield from references(part)


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every statement of a policy, also those inside of a condition."""
    if isinstance(value, dict) and "Action" in value:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from statements(part)


def texts(value: str | list[str]) -> list[str]:
    """Return *value* as the list that it may be short for."""
    return [value] if isinstance(value, str) else value


def templates_edges(resources: dict[str, Any]) -> Edges:
    """Return the ways that data take through the template's *resources*."""
    edges: Edges = set()

    def add(source: str, value: Any) -> None:
        edges.update((source, name.split(".")[0]) for name in references(value))

    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::SQS::Queue":
                add(name, properties.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
            case "AWS::Serverless::HttpApi":
                add(name, [a["FunctionArn"] for a in properties["Auth"]["Authorizers"].values()])
            case "AWS::Serverless::Function":
                for event_name, event in properties.get("Events", {}).items():
                    about = event["Properties"]
                    sources = {
                        "HttpApi": references(about.get("ApiId")),
                        "SQS": references(about.get("Queue")),
                        "ScheduleV2": iter([event_name]),
                    }[event["Type"]]
                    edges.update((source.split(".")[0], name) for source in sources)
                role = next(references(properties["Role"])).split(".")[0]
                for statement in statements(resources[role]["Properties"]["Policies"]):
                    if WRITES.intersection(texts(statement["Action"])):
                        add(name, statement["Resource"])
                add(
                    name,
                    [
                        {"Ref": reference}
                        for reference in references(properties["Environment"]["Variables"])
                        if reference.endswith(".PrivateIp") or reference == "HttpApi"
                    ],
                )
    return edges


def diagrams_edges(document: str) -> Edges:
    """Return the arrows of the flow chart in *document*."""
    chart = re.search(r"```mermaid\nflowchart \w+\n(.*?)```", document, re.DOTALL)
    assert chart, "the document has no flow chart"
    edges: Edges = set()
    for line in chart[1].splitlines():
        edge = EDGE.fullmatch(line)
        assert edge, f"not an arrow between two nodes: {line!r}"
        edges.add((edge[1], edge[2]))
    return edges


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    """Return the template's resources."""
    return dict(template()["Resources"])


def test_diagram_shows_the_templates_ways_and_no_others(resources: dict[str, Any]) -> None:
    """A reader who trusts the picture must not be misled by what was added since."""
    drawn = diagrams_edges((ROOT / "README.md").read_text())

    # Who is outside of the stack is written in lower case, and only the picture knows of them.
    inside = {(source, target) for source, target in drawn if source[0].isupper()}

    assert inside == templates_edges(resources)
