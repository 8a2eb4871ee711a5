"""The pages of the handbook (`docs/vi`, `docs/en`) as HTML for the station."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from ocr_pipeline.resources import shipped
from review_ui.translations import LANGUAGES

ADDRESS = "/handbook"
CONTENTS = "README"
PICTURE_TYPES = {".png": "image/png", ".webp": "image/webp"}
"""Media types of the pictures, by the end of their names."""

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_LINK = re.compile(r"(?:\.\./(?P<language>\w+)/)?(?P<page>[\w-]+)\.md(?P<fragment>#.*)?")


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """One page as the station shows it: its language, its title and its body."""

    language: str
    title: str
    body: Markup


def folder() -> Path:
    """Where the handbook lies: one folder for each language, and `images`."""
    return shipped("docs")


@lru_cache
def pages() -> frozenset[str]:
    """Names of the pages, the same in both languages."""
    return frozenset(path.stem for path in (folder() / LANGUAGES[0]).glob("*.md"))


@lru_cache
def pictures() -> Mapping[str, Path]:
    """The pictures that pages show, by file name: no two folders have one of the same name."""
    found = (folder() / "images").rglob("*.*")
    return {path.name: path for path in found if path.suffix in PICTURE_TYPES}


@lru_cache
def handbook_page(language: str, name: str) -> HandbookPage:
    """A page in a language; links lead to the station's own addresses.

    Args:
        language: `vi` or `en`.
        name: one of `pages()`.

    """
    text = (folder() / language / f"{name}.md").read_text(encoding="utf-8")
    tokens = _PARSER.parse(text)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", fragment_of(following.content))
        elif token.type == "table_open":
            token.attrSet("class", "table")
        for child in token.children or ():
            _lead_to_station(child, language)
    title = tokens[1].content
    body = Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return HandbookPage(language, title, body)


def fragment_of(title: str) -> str:
    """The fragment of a heading, the same that GitHub gives it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _lead_to_station(token: Token, language: str) -> None:
    if token.type == "image":
        file = str(token.attrs["src"]).rpartition("/")[2]
        token.attrSet("src", f"{ADDRESS}/images/{file}")
    elif token.type == "link_open":
        link = _LINK.fullmatch(unquote(str(token.attrs["href"])))
        if link:
            address = f"{ADDRESS}/{link['page']}?lang={link['language'] or language}"
            token.attrSet("href", address + (link["fragment"] or ""))
