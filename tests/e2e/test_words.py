"""Every word the screens ask for is there, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import review_ui
from ocr_pipeline.registers.fields import FieldKind, State
from ocr_pipeline.store.states import Lane, PageKind
from review_ui.translations import translate, words

ROOT = Path(review_ui.__file__).parent


def leaves(tree: Mapping, before: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def asked_for() -> set[str]:
    """Whole keys in templates, and in modules (whose words are under `js`)."""
    found = set()
    for path in (ROOT / "templates").glob("*.html"):
        found |= set(re.findall(r"""\bt\(["']([a-z_.]+)["'][,)]""", path.read_text("utf-8")))
    for path in (ROOT / "static" / "js").rglob("*.js"):
        for key in re.findall(r"""\bt\(["']([a-z_.0-9]+)["'][,)]""", path.read_text("utf-8")):
            found.add(f"js.{key}")
    return found


def test_both_languages_have_the_same_words():
    assert set(leaves(words("vi"))) == set(leaves(words("en")))


def test_every_word_the_screens_ask_for_is_there():
    assert asked_for() <= set(leaves(words("vi")))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_kinds_states_lanes_and_pages_have_names(language):
    keys = [f"js.kind.{kind}" for kind in FieldKind] + [f"js.state.{state}" for state in State]
    keys += [f"js.lane.{lane}" for lane in Lane] + [f"js.page.kind.{kind}" for kind in PageKind]
    assert [key for key in keys if translate(language, key) == key] == []


def test_placeholders_agree():
    def holes(language: str, key: str) -> set[str]:
        return set(re.findall(r"\{(\w+)[}|]", translate(language, key)))

    keys = list(leaves(words("vi")))
    assert [key for key in keys if holes("vi", key) != holes("en", key)] == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 cell"), (0, "0 cells"), ("21", "21 cells")])
def test_one_thing_is_not_several(count, said):
    assert translate("en", "js.group.count", count=count) == said


def test_what_is_counted_in_english_is_one_or_several():
    """A number before a noun in the plural, with no word for one."""
    plural = re.compile(r"\{(count|records|pages|rows|files|pdfs)\} (?:[a-z]+ )?[a-z]+s\b")
    found = {key for key in leaves(words("en")) if plural.search(translate("en", key))}
    assert found == set()
