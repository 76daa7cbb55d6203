"""The licenses of what ships, as a table: of the packages that the functions' requirements pin."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

from operations.project import FUNCTIONS, ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
HEAD = """# Licenses

Weir's packages hold these libraries. A built package leaves their license texts out, as nothing
reads them in Lambda; who hands one on to others adds them. Made by `make generated` from the pinned
requirements of each function.

| Package | Version | License | Ships in |
|---|---|---|---|
"""


def license_of(package: PackageMetadata) -> str:
    """Return the license that *package* names: an SPDX expression, else a classifier, else text."""
    if expression := package.get("License-Expression"):
        return str(expression)
    classifiers = [str(each) for each in package.get_all("Classifier") or []]
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    if named:
        return ", ".join(named)
    text = str(package.get("License") or "").strip()
    if not text:
        raise SystemExit(f"{package['Name']} names no license")
    return text.splitlines()[0]


def shipped() -> dict[tuple[str, str], list[str]]:
    """Return the functions that ship each pinned package, by its name and version."""
    found: dict[tuple[str, str], list[str]] = {}
    for function in FUNCTIONS:
        requirements = (ROOT / "functions" / function / "requirements.txt").read_text()
        for name, version in PIN.findall(requirements):
            found.setdefault((name, version), []).append(function)
    return dict(sorted(found.items()))


def document() -> str:
    """Return the list as Markdown."""
    rows = (
        f"| {name} | {version} | {license_of(metadata(name))} | {', '.join(functions)} |\n"
        for (name, version), functions in shipped().items()
    )
    return HEAD + "".join(rows)


def files() -> Iterator[tuple[Path, str]]:
    """Yield the list's file, and its text."""
    yield ROOT / "docs" / "licenses.md", document()
