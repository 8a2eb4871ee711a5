"""No browser remembers what is typed into the station, or sends it to a spelling service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import review_ui

HOME = Path(review_ui.__file__).parent
_TYPED = frozenset({"text", "search", "password"})
_INPUT = re.compile(r"<(?:input|textarea)\b(?:\{%.*?%\}|\{\{.*?\}\}|[^>])*>", re.DOTALL)
_MADE = re.compile(r"""h\("(?:input|textarea)", \{(.*?)\}""", re.DOTALL)


def typed_inputs() -> list[tuple[str, str]]:
    """File and source of each input that people type text into."""
    found = [
        (path.name, tag)
        for path in sorted((HOME / "templates").glob("*.html"))
        for tag in _INPUT.findall(path.read_text("utf-8"))
    ]
    found += [
        (path.name, made)
        for path in sorted((HOME / "static" / "js").rglob("*.js"))
        for made in _MADE.findall(path.read_text("utf-8"))
    ]
    return [one for one in found if _kind(one[1]) in _TYPED]


def _kind(source: str) -> str:
    kind = re.search(r"""type(?:=|: )"(\w+)\"""", source)
    return kind[1] if kind else "text"


@pytest.mark.parametrize(("file", "source"), typed_inputs())
def test_browsers_neither_remember_nor_spell_check_what_is_typed(file, source):
    assert re.search(r"autocomplete(=|: )", source), file
    assert _kind(source) == "password" or re.search(r'spellcheck(="false"|: false)', source), file
