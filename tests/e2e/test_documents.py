"""Every shell block of the documents runs, in a copy of the project where `make up` has run."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from maintenance.copies import copy_project
from operations.project import ROOT

if TYPE_CHECKING:
    from markdown_it.token import Token

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN = re.compile(r"<!-- not run: \S.*-->\s*")
TYPED = re.compile(r"\$ .*\n(> .*\n)*")
DEFAULT_PORT = 4566
PORTS = 6
MARK = "---- block "


@dataclass(frozen=True)
class Block:
    """One fenced block: its first line, its kind and its text."""

    line: int
    kind: str
    text: str

    @property
    def commands(self) -> str:
        """Return what a reader would type; in a console, that is the command at the top."""
        if self.kind == "sh":
            return self.text
        return self._typed().replace("\n> ", "\n").removeprefix("$ ")

    @property
    def expected(self) -> str | None:
        """Return what a reader would see, where the document says so."""
        return None if self.kind == "sh" else self.text.removeprefix(self._typed())

    def _typed(self) -> str:
        typed = TYPED.match(self.text)
        assert typed, f"line {self.line}: a console block begins with a command"
        return typed[0]


def blocks(document: str) -> list[Block]:
    """Return the shell blocks of *document* that are not marked as not run."""
    found = []
    before: Token | None = None
    for token in MarkdownIt().parse(document):
        if token.type == "fence" and token.info in ("sh", "console"):
            marked = before and before.type == "html_block" and NOT_RUN.match(before.content)
            assert token.map
            if not marked:
                found.append(Block(token.map[0] + 1, token.info, token.content))
        before = token
    return found


def shows(output: str, expected: str) -> bool:
    """Say whether *output* is as *expected*, where `...` is anything and white space is alike."""
    pieces = (r"\s+".join(map(re.escape, piece.split())) for piece in expected.split("..."))
    return bool(re.fullmatch(r"\s*" + ".*?".join(pieces) + r"\s*", output, re.DOTALL))


@dataclass(frozen=True)
class Workspace:
    """A copy of the project, and the first port of its stack."""

    folder: Path
    port: int
    environment: dict[str, str]

    def moved(self, text: str) -> str:
        """Return *text* with the documented ports replaced by those of this stack."""
        documented = "|".join(str(DEFAULT_PORT + n) for n in range(PORTS))
        return re.sub(
            rf"127\.0\.0\.1:({documented})\b",
            lambda match: f"127.0.0.1:{self.port + int(match[1]) - DEFAULT_PORT}",
            text,
        )

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run *script* as a reader's shell would."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.moved(script)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )


@pytest.fixture(scope="module")
def workspace(own_stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give a copy of the project where `make up` has run."""
    if not own_stack:
        pytest.skip("changes the stack: only for one of the tests' own")
    folder = tmp_path_factory.mktemp("project")
    copy_project(folder)
    (folder / ".local").symlink_to(own_stack.folder)
    # A reader has set nothing yet, and does not come from within a make.
    known = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MAKE", "WEIR_"))}
    return Workspace(folder, own_stack.port, known | {"WEIR_PORT": str(own_stack.port)})


@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if blocks(document.read_text())],
    ids=lambda path: path.name,
)
def test_blocks_of_a_document_run_in_order(document: Path, workspace: Workspace) -> None:
    """A reader types what is written; so each block must work as it stands."""
    found = blocks(document.read_text())
    script = "".join(f"printf '\\n{MARK}{block.line}\\n'\n{block.commands}" for block in found)

    run = workspace.run(script)

    assert run.returncode == 0, f"{document.name}, after {MARK.strip()}:\n{run.stdout[-4000:]}"
    shown = re.split(rf"^{MARK}\d+\n", run.stdout, flags=re.MULTILINE)[1:]
    for block, output in zip(found, shown, strict=True):
        expected = workspace.moved(block.expected or "...")
        if not shows(output, expected):
            pytest.fail(f"{document.name}:{block.line} shows\n{expected}but is\n{output}")


def test_block_is_left_out_only_with_a_reason() -> None:
    """What does not run must say why, to the reader of the source as well."""
    run = "```sh\ntrue\n```\n"

    kept = blocks(f"{run}\n<!-- not run: -->\n\n{run}\n<!-- not run: needs an account -->\n\n{run}")

    assert [block.line for block in kept] == [1, 7]


def test_console_block_is_what_is_typed_and_what_is_shown() -> None:
    """Output that a document shows must be the output there is."""
    (block,) = blocks("```console\n$ echo one \\\n>   two\none two\n$ shown\n```\n")

    assert block.commands == "echo one \\\n  two\n"
    assert block.expected == "one two\n$ shown\n"


@pytest.mark.parametrize(
    ("output", "as_expected"), [("id 7\n\nstored", True), ("id 7\nlost", False), ("stored", False)]
)
def test_dots_stand_for_anything_but_the_rest_counts(output: str, as_expected: bool) -> None:
    """Identifiers and times differ each time, and what a reader looks for does not."""
    assert shows(output, "id ...\n...\nstored\n") == as_expected
