"""The model and the code name each other: no call to AWS without a step, no step without a call."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name

from tests.model.design import STEPS

ROOT = Path(__file__).parents[3]
# Whatever stands on the way of a message, from the request to the bucket and back from replay.
PACKAGES = {
    "validator": ROOT / "functions" / "validator" / "validator",
    "uploader": ROOT / "functions" / "uploader" / "uploader",
    "operations.replay": ROOT / "operations" / "replay",
}
SERVICES = ("s3", "sqs", "ssm")


@cache
def operations() -> frozenset[str]:
    """Return the name of every method of a boto3 client that calls AWS."""
    session = botocore.session.get_session()
    names = {
        xform_name(operation)
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    }
    return frozenset(names | {"get_paginator", "get_waiter"})


def calling_functions(package: str, folder: Path) -> Iterator[str]:
    """Yield the dotted path of each function in *folder* that calls AWS itself."""
    for path in sorted(folder.rglob("*.py")):
        module = ".".join([package, *path.relative_to(folder).with_suffix("").parts])
        yield from _calling(ast.parse(path.read_text()), module)


def _calling(node: ast.AST, name: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        inner = f"{name}.{child.name}" if named else name  # type: ignore[attr-defined]
        if isinstance(child, ast.Attribute) and child.attr in operations():
            yield name
        yield from _calling(child, inner)


def in_the_model(package: str) -> set[str]:
    """Return what the steps name in *package*, but for the handler, which only passes on."""
    named = {name for step in STEPS for name in step.stands_for}
    return {name for name in named if name.startswith(f"{package}.") and ".handler." not in name}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_function_that_calls_aws_is_a_step_and_each_step_is_a_function(package: str) -> None:
    """A call that the model does not know is a crash between two steps that nobody looked at."""
    calling = set(calling_functions(package, PACKAGES[package]))

    assert calling
    assert in_the_model(package) - REFUSES == calling


REFUSES = {"uploader.message.read_message"}  # calls nothing: it decides for quarantine


def test_what_calls_nothing_is_there_too() -> None:
    """The handlers and the choice of quarantine are steps as well, under names that exist."""
    for name in ["validator.handler.lambda_handler", *REFUSES]:
        module, _, function = name.rpartition(".")
        path = (ROOT / "functions" / name.split(".")[0] / Path(*module.split("."))).with_suffix(
            ".py"
        )
        tree = ast.parse(path.read_text())
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

        assert name in {each for step in STEPS for each in step.stands_for}
        assert function in names


class _Template(yaml.SafeLoader):
    """Reads the template without looking at what its functions mean."""


_Template.add_multi_constructor("!", lambda *of: of[1])


def test_what_aws_does_stands_for_a_resource_of_the_template() -> None:
    """A step of SQS, S3 or Lambda is named after what makes them do it."""
    template: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), _Template)  # noqa: S506
    named = {name for step in STEPS for name in step.stands_for if name.startswith("template.")}

    for name in named:
        logical_id, *rest = name.split(".")[1:]
        found = template["Resources"][logical_id]["Properties"]
        for part in rest:
            found = found[part]
        assert found
    assert named
