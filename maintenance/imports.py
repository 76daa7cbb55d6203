"""Who imports whom: `python -m maintenance.imports [package]` prints the graph below a package.

Packages inside it are closed, each to one node. Without a package, the nodes are the packages of
the repository.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from operations.project import FUNCTIONS, ROOT

# Where packages are imported from: the repository, and each function's folder.
FOLDERS = [
    *(ROOT / name for name in ("maintenance", "local", "operations", "benchmarks")),
    *(ROOT / "functions" / name / name for name in FUNCTIONS),
]

Graph = dict[str, set[str]]


def imports(folders: Iterable[Path] = FOLDERS) -> Graph:
    """Return the modules in the package *folders*, and which of one another each imports."""
    paths = {name_of(path, folder): path for folder in folders for path in folder.rglob("*.py")}
    return {name: set(imported(name, path, paths)) - {name} for name, path in paths.items()}


def name_of(path: Path, folder: Path) -> str:
    """Return the dotted name of the module at *path* in the package *folder*."""
    return ".".join(path.relative_to(folder.parent).with_suffix("").parts)


def imported(name: str, path: Path, known: Iterable[str]) -> Iterator[str]:
    """Yield each of the *known* modules that module *name* imports anywhere in its text."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names):
                wanted = [alias.name for alias in names]
            case ast.ImportFrom(module, names, level):
                package = name.split(".")[:-level] if level else []
                base = ".".join([*package, *([module] if module else [])])
                wanted = [f"{base}.{alias.name}" for alias in names]
            case _:
                continue
        for each in wanted:
            above = each.rpartition(".")[0]
            candidates = (each, f"{each}.__init__", above, f"{above}.__init__")
            yield from [one for one in candidates if one in known][:1]


def inside(graph: Graph, package: str = "") -> Graph:
    """Return the graph between what lies directly in *package*, with packages in it closed."""
    prefix = f"{package}." if package else ""
    children: Graph = {}
    for name, targets in graph.items():
        if name.startswith(prefix):
            child = name.removeprefix(prefix).split(".")[0]
            found = (
                one.removeprefix(prefix).split(".")[0] for one in targets if one.startswith(prefix)
            )
            children.setdefault(child, set()).update(set(found) - {child})
    return children


def packages(graph: Graph) -> set[str]:
    """Return every package that holds modules of *graph*, and "" for what holds all of them."""
    parts = [name.split(".") for name in graph]
    return {".".join(one[:depth]) for one in parts for depth in range(len(one))}


def cycle(graph: Graph) -> list[str]:
    """Return a cycle of *graph*; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def main() -> None:
    """Print the graph of one package, and how large it is."""
    package = sys.argv[1] if len(sys.argv) > 1 else ""
    graph = inside(imports(), package)
    if not graph:
        sys.exit(f"there is no package {package!r}")
    for name, targets in sorted(graph.items()):
        print(f"{name:<20} {' '.join(sorted(targets))}")
    graph.pop("__init__", None)
    print(f"\n{len(graph)} nodes, {sum(map(len, graph.values()))} edges", end="")
    print(f", a cycle: {' -> '.join(found)}" if (found := cycle(graph)) else ", no cycle")


if __name__ == "__main__":
    main()
