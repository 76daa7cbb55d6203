"""What the functions' code says about itself: settings it reads, calls it makes, words it logs."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import NamedTuple

import boto3

from operations.project import ROOT

ENVIRONMENT_NAMES = {"env", "environ"}


class Handler(NamedTuple):
    """Where the template says that a function's code is."""

    code_uri: str
    name: str


@cache
def modules(package_folder: Path, module: str) -> dict[str, ast.Module]:
    """Return the syntax trees of *module* and of all that it imports from its own package.

    Their names begin with the package's: `validator.http.request`.
    """
    found: dict[str, ast.Module] = {}
    waiting = [f"{package_folder.name}.{module}"]
    while waiting:
        name = waiting.pop()
        path = package_folder.parent / name.replace(".", "/")
        is_package = path.is_dir()
        path = path / "__init__.py" if is_package else path.with_suffix(".py")
        if name in found or not path.exists():
            continue
        found[name] = ast.parse(path.read_text())
        parent = name.rpartition(".")[0]
        waiting.append(parent)  # Python runs a module's package first
        for node in ast.walk(found[name]):
            if isinstance(node, ast.ImportFrom) and node.level:
                relative = "." * node.level + (node.module or "")
                source = resolve_name(relative, name if is_package else parent)
                waiting += [source, *(f"{source}.{alias.name}" for alias in node.names)]
    return found


@cache
def of_handler(handler: Handler) -> dict[str, ast.Module]:
    """Return the modules behind *handler*; empty if there is no such function."""
    package, module, function = handler.name.split(".")
    found = modules(ROOT / handler.code_uri / package, module)
    defined = (
        isinstance(node, ast.FunctionDef) and node.name == function
        for node in found.get(f"{package}.{module}", ast.Module([], [])).body
    )
    return found if any(defined) else {}


def nodes(trees: dict[str, ast.Module]) -> Iterator[ast.AST]:
    """Yield every node of *trees*."""
    for tree in trees.values():
        yield from ast.walk(tree)


@cache
def variables_read(handler: Handler) -> set[str]:
    """Return the names that are looked up in a mapping called env or environ."""
    names = set()
    for node in nodes(of_handler(handler)):
        match node:
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name))):
                pass
            case ast.Call(
                func=ast.Attribute(value=mapping, attr="get"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                pass
            case _:
                continue
        last = mapping.attr if isinstance(mapping, ast.Attribute) else getattr(mapping, "id", "")
        if last in ENVIRONMENT_NAMES:
            names.add(name)
    return names


@cache
def operations(service: str) -> dict[str, str]:
    """Return the API operations of *service* by the name of the client's method."""
    client = boto3.client(service, region_name="eu-central-1")  # type: ignore[call-overload]
    mapping: dict[str, str] = client.meta.method_to_api_mapping
    return mapping


@cache
def operations_called(handler: Handler) -> set[str]:
    """Return `service:Operation` for every client method or paginator that the code names."""
    trees = of_handler(handler)
    constants = {
        node.value
        for node in nodes(trees)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {node.attr for node in nodes(trees) if isinstance(node, ast.Attribute)} | constants
    services = constants & {"codedeploy", "lambda", "s3", "sns", "sqs", "ssm"}
    return {
        f"{service}:{operation}"
        for service in services
        for method, operation in operations(service).items()
        if method in named
    }


@cache
def texts(handler: Handler) -> set[str]:
    """Return every text and keyword in the code: log messages and log keys are among them."""
    found = set()
    for node in nodes(of_handler(handler)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


def quoted(query: str) -> set[str]:
    """Return the texts in double quotes of a Logs Insights query."""
    return set(re.findall(r'"([^"]*)"', query))
