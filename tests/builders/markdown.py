"""Pages of the handbook taken apart, for tests that compare and check them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "docs"


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Page:
    """A Markdown file and its tokens."""

    path: Path
    tokens: tuple[Token, ...]

    @property
    def headings(self) -> list[Heading]:
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return [
            Heading(int(opened.tag[1]), text.content)
            for opened, text in pairs
            if opened.type == "heading_open"
        ]

    @property
    def anchors(self) -> set[str]:
        """The fragments under which GitHub and the station show the headings."""
        return {slug(heading.text) for heading in self.headings}

    @property
    def blocks(self) -> list[str]:
        """The kinds of blocks in their order: headings, paragraphs, list items, rows, cells."""
        return [
            token.tag or token.type
            for token in self.tokens
            if token.nesting >= 0 and token.type != "inline"
        ]

    @property
    def fences(self) -> list[tuple[str, str]]:
        """Language and text of every code block."""
        return [(t.info, t.content) for t in self.tokens if t.type in ("fence", "code_block")]

    @property
    def code(self) -> list[str]:
        """Every piece of code within a sentence."""
        return [child.content for child in self._children() if child.type == "code_inline"]

    @property
    def bold(self) -> list[str]:
        """Every bold piece of text."""
        found, parts = [], None
        for child in self._children():
            if child.type == "strong_open":
                parts = []
            elif child.type == "strong_close":
                found.append("".join(parts or []))
                parts = None
            elif parts is not None:
                parts.append(child.content)
        return found

    @property
    def links(self) -> list[str]:
        """Where links and pictures point to."""
        names = {"link_open": "href", "image": "src"}
        return [
            str(child.attrs[names[child.type]]) for child in self._children() if child.type in names
        ]

    def sections(self, level: int) -> dict[str, str]:
        """The text under each heading of a level, by its title."""
        found: dict[str, str] = {}
        title = ""
        for line in self.path.read_text(encoding="utf-8").splitlines():
            match = re.match(r"(#+) (.*)", line)
            if match and len(match[1]) <= level:
                title = match[2] if len(match[1]) == level else ""
            if title:
                found[title] = found.get(title, "") + line + "\n"
        return found

    def _children(self) -> list[Token]:
        return [child for token in self.tokens for child in token.children or []]


@cache
def page(path: Path) -> Page:
    parser = MarkdownIt("commonmark").enable("table")
    return Page(path, tuple(parser.parse(path.read_text(encoding="utf-8"))))


def handbook(language: str) -> dict[str, Page]:
    """The pages of the handbook in a language, by file name."""
    return {path.name: page(path) for path in sorted((HANDBOOK / language).glob("*.md"))}


def slug(title: str) -> str:
    """The fragment of a heading, as GitHub makes it."""
    plain = re.sub(r"[^\w\- ]", "", title.lower())
    return plain.strip().replace(" ", "-")
