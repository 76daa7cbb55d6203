"""The product under test: its packages as they are, with the world in the place of the outside.

Nothing in a body is changed. Only what a module imports by name is another: clocks, randomness,
threads, boto3 and Powertools are the world's. `PACKAGES` is the one place that knows where the
product lies.
"""

import atexit
import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.support.released import HistoryMissingError, extract

from .substitutes import SUBSTITUTES, silent_print

ROOT = Path(__file__).resolve().parents[2]

# Package to folder, and the older place of the same package.
PACKAGES = {
    "validator": ["functions/validator/validator"],
    "uploader": ["functions/uploader/uploader"],
    "canary": ["functions/canary/canary"],
    "replay": ["operations/replay", "local/replay"],
}
HANDLER = "handler"


class Release:
    """One version of the product's code; with *replaced*, the text of some files is another."""

    def __init__(self, name: str, root: Path = ROOT, replaced: Mapping[str, str] | None = None):
        self.name = name
        self.root = root
        self.replaced = dict(replaced or {})
        self._handlers: dict[str, CodeType] = {}
        self.prefix = f"weir_simulated_{name}"
        sys.modules[self.prefix] = ModuleType(self.prefix)
        sys.modules[self.prefix].__path__ = []
        sys.meta_path.insert(0, _Finder(self))

    def folder(self, package: str) -> Path:
        """Return where *package* lies."""
        return next(path for place in PACKAGES[package] if (path := self.root / place).is_dir())

    def has(self, package: str) -> bool:
        """Return whether this release has *package*."""
        return any((self.root / place).is_dir() for place in PACKAGES[package])

    def module(self, package: str, name: str) -> ModuleType:
        """Return a module of *package* that all environments may share."""
        return importlib.import_module(f"{self.prefix}.{package}.{name}")

    def cold_start(self, package: str, environ: Mapping[str, str]) -> ModuleType:
        """Return the package's handler, its module run once more as Lambda does at a cold start."""
        name = f"{self.prefix}.{package}.{HANDLER}"
        if package not in self._handlers:
            importlib.import_module(f"{self.prefix}.{package}")
            self._handlers[package] = self.compiled(self.folder(package) / f"{HANDLER}.py")
        module = ModuleType(name)
        module.__package__ = f"{self.prefix}.{package}"
        vars(module)["__builtins__"] = BUILTINS
        os.environ.update(environ)
        exec(self._handlers[package], vars(module))  # noqa: S102
        return module

    def compiled(self, path: Path) -> CodeType:
        """Return the code of the file at *path*, or of what replaces it."""
        relative = str(path.relative_to(self.root))
        text = self.replaced.get(relative) or path.read_text()
        code: CodeType = compile(text, str(path), "exec", dont_inherit=True)
        return code


def previous_release(folder: Path) -> Release:
    """Return 0.1.0, taken out of git into *folder*; raise HistoryMissingError without it.

    Its functions are still running while a deployment is under way.
    """
    extract(folder, *(f"functions/{name}" for name in ("validator", "uploader")))
    return Release("previous", folder)


def previous_or_none() -> tuple[Release | None, str]:
    """Return the previous release, or None and the reason why it is not there."""
    folder = tempfile.mkdtemp(prefix="weir-previous-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        return previous_release(Path(folder)), ""
    except HistoryMissingError as error:
        return None, str(error)


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    if level == 0 and name in SUBSTITUTES:
        found: ModuleType = SUBSTITUTES[name]
        return found
    return builtins.__import__(name, globals, locals, fromlist or (), level)


BUILTINS = {**vars(builtins), "__import__": _import, "print": silent_print}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of one release."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where the module *fullname* lies, if it is this release's."""
        start = self._release.prefix + "."
        if not fullname.startswith(start):
            return None
        package, *rest = fullname.removeprefix(start).split(".")
        place = self._release.folder(package).joinpath(*rest)
        folder = [str(place)] if place.is_dir() else None
        file = place / "__init__.py" if folder else place.with_suffix(".py")
        if not file.is_file():
            return None
        loader = _Loader(fullname, str(file), self._release)
        return importlib.util.spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=folder
        )


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module whose imports the world answers."""

    def __init__(self, fullname: str, path: str, release: Release) -> None:
        super().__init__(fullname, path)
        self._release = release

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code."""
        return self._release.compiled(Path(self.path))

    def exec_module(self, module: ModuleType) -> None:
        """Run the module."""
        vars(module)["__builtins__"] = BUILTINS
        super().exec_module(module)
