"""What may import what, in the whole repository."""

import sys
from pathlib import Path

import pytest

from maintenance.imports import cycle, imports, inside, packages
from operations.project import FUNCTIONS, ROOT

GRAPH = imports()
# maintenance -> local -> (operations, benchmarks) -> functions.
BELOW = {
    "maintenance": {"local", "operations", "benchmarks", *FUNCTIONS},
    "local": {"operations", *FUNCTIONS},
    "benchmarks": {"operations", *FUNCTIONS},
    "operations": {*FUNCTIONS},
} | {function: set() for function in FUNCTIONS}


def test_no_module_imports_itself_by_way_of_others() -> None:
    """In a cycle nothing can be understood, or changed, alone."""
    assert cycle(GRAPH) == []


@pytest.mark.parametrize("package", sorted(packages(GRAPH)))
def test_what_lies_in_a_package_has_an_order(package: str) -> None:
    """Two packages that import each other are one, whatever their folders say."""
    assert cycle(inside(GRAPH, package)) == []


@pytest.mark.parametrize("package", sorted(inside(GRAPH)))
def test_imports_point_to_layers_below(package: str) -> None:
    """A function is deployed alone; a tool for production must not need the emulator."""
    assert inside(GRAPH)[package] <= BELOW[package]


def test_the_validator_can_be_taken_in_at_a_glance() -> None:
    """Its packages are worth their folders only while few ways lead between them."""
    graph = inside(GRAPH, "validator")
    graph.pop("__init__", None)

    assert len(graph) <= 12
    assert sum(map(len, graph.values())) <= 30


@pytest.mark.parametrize("module", ["operations.project", "operations.stages"])
def test_facts_about_the_repository_need_the_standard_library_alone(module: str) -> None:
    """Each environment has other packages, and every one of them imports these."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    wanted = {
        line.split()[1].split(".")[0]
        for line in path.read_text().splitlines()
        if line.startswith(("import ", "from ")) and not line.startswith("from .")
    }

    assert wanted <= sys.stdlib_module_names


def test_every_form_of_import_is_seen(tmp_path: Path) -> None:
    """A form that is overlooked would hide an arrow."""
    texts = {
        "a/__init__.py": "",
        "a/one.py": "import a.two\nfrom a.b import three\nfrom a.b.three import Name",
        "a/two.py": "def late():\n    from .b import Name\n    from . import one\n",
        "a/b/__init__.py": "from .three import Name",
        "a/b/three.py": "from ..two import late\nimport json",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    graph = imports([tmp_path / "a"])

    assert graph == {
        "a.__init__": set(),
        "a.one": {"a.two", "a.b.three"},
        "a.two": {"a.b.__init__", "a.one"},
        "a.b.__init__": {"a.b.three"},
        "a.b.three": {"a.two"},
    }
    assert inside(graph, "a") == {
        "__init__": set(),
        "one": {"two", "b"},
        "two": {"b", "one"},
        "b": {"two"},
    }
    assert packages(graph) == {"", "a", "a.b"}


def test_cycle_is_named() -> None:
    """Whoever made it must see which import to turn round."""
    assert set(cycle({"x": {"y"}, "y": {"x"}, "z": {"x"}})) == {"x", "y"}
    assert cycle({"x": {"y"}, "z": {"x", "y"}}) == []
