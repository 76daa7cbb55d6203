"""The documents of `docs/` as web pages, so that a red alarm leads to its section."""

import re
from html import escape

from markdown_it import MarkdownIt

from operations.project import ROOT

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
NAME = re.compile(r"[a-z0-9-]+")


def page(name: str) -> str | None:
    """Return the document *name* as HTML, or None when there is none."""
    path = ROOT / "docs" / f"{name}.md"
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    tokens = MARKDOWN.parse(COMMENT.sub("", path.read_text()))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[at + 1].content))
    body = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(name)}</title>"
        '<link rel="stylesheet" href="/page.css"></head>'
        f'<body><div class="page">{body}</div></body></html>'
    )


def anchor(heading: str) -> str:
    """Return the id of a *heading*, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
