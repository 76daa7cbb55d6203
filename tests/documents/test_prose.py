"""The papers can be read: short where it counts, with links that lead somewhere, in plain words."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from operations.project import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
ODD = re.compile(
    r"\b(noughts?|anew|mend(?:s|ed|ing)?|reckon(?:s|ed|ing)?|of ours)\b", re.IGNORECASE
)
IS_NO_OF = re.compile(r"\b(?:is|are) no (?:\w+ )?\w+ of\b", re.IGNORECASE)
NOT_PROSE = {".json", ".lock", ".png", ".svg", ".txt"}
LINES, WORDS = 200, 1_700


def tracked() -> list[Path]:
    """Return the files that somebody wrote and somebody reads."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [ROOT / n for n in names if Path(n).suffix not in NOT_PROSE and (ROOT / n).is_file()]


def odd_words(text: str) -> list[str]:
    """Return the words of *text* that have to be read twice."""
    return [match[0] for pattern in (ODD, IS_NO_OF) for match in pattern.finditer(text)]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives to *heading*."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return what a link into *page* may name."""
    tokens = MarkdownIt().parse(page.read_text())
    return {
        slug(inline.content)
        for heading, inline in itertools.pairwise(tokens)
        if heading.type == "heading_open"
    }


def broken_links(page: Path) -> list[str]:
    """Return the links of *page* to files or headings that do not exist."""
    broken = []
    for block in MarkdownIt().enable("table").parse(page.read_text()):
        for token in block.children or ():
            target = str(token.attrGet("href") or token.attrGet("src") or "")
            if not target or "://" in target or target.startswith("mailto:"):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(target)
    return broken


def test_readme_is_short() -> None:
    """Who has ten minutes reads all of it, or nothing."""
    text = (ROOT / "README.md").read_text()

    assert len(text.splitlines()) <= LINES
    assert len(text.split()) <= WORDS


def test_every_page_is_in_the_index() -> None:
    """A page that nobody is led to is not read."""
    index = (DOCS / "README.md").read_text()

    listed = set(re.findall(r"^\| \[([\w-]+\.md)\]\(\1\) \|", index, re.MULTILINE))

    assert listed == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A reader who follows a link at night has no time to search."""
    assert broken_links(page) == []


def test_link_to_a_missing_file_or_heading_is_found(tmp_path: Path) -> None:
    """The rule must see what it is for, in tables too."""
    page = tmp_path / "page.md"
    page.write_text("# Here\n\n[a](gone.md) [b](#here) [c](#there)\n\n|x|\n|-|\n|[d](no.md)|\n")

    assert broken_links(page) == ["gone.md", "#there", "no.md"]


def test_nothing_has_to_be_read_twice() -> None:
    """These words stopped readers who knew nothing of the project."""
    found = {
        str(file.relative_to(ROOT)): words
        for file in tracked()
        if file != Path(__file__) and (words := odd_words(file.read_text(errors="replace")))
    }

    assert found == {}


@pytest.mark.parametrize("text", ["Mend it.", "an alarm of ours", "it is no sign of that"])
def test_odd_words_are_found(text: str) -> None:
    """The rule must see what it is for."""
    assert odd_words(text)


@pytest.mark.parametrize("text", ["There is no end.", "recommended", "the hours of a day"])
def test_plain_words_pass(text: str) -> None:
    """A rule that complains about plain words would be switched off."""
    assert odd_words(text) == []
