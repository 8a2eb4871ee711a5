"""Rooms, classes and modules use the words of docs/glossary.md, each word for one thing."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from functools import cache
from importlib import import_module

import pytest

from tests.builders.source_trees import PACKAGES, ROOT, modules, tree_of

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

#: Module names that say nothing, or say something else, to whoever has not written them.
FORBIDDEN = """
    given made decided keeping turns traces night tools material telling tables watching until
    layouting exporting shelf typing framing placing upright suggesting sources wardrobe
    surroundings prose gains hands manners clerks entrance desk worktable repair work overview
    utils helpers misc common
""".split()

_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| word", "| room"))
]
WORDS = {row[0]: row for row in _ROWS if len(row) == 4}
ROOMS = {row[0].strip("`") for row in _ROWS if len(row) == 3}


def _modules():
    return [path for path in modules() if "migrations" not in path.parts]


@cache
def _classes():
    return [
        (node.name, path.relative_to(ROOT).as_posix(), [ast.unparse(base) for base in node.bases])
        for path in _modules()
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def _parts(name):
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)]


def _forms(word):
    yield word
    if word.endswith("y"):
        yield word[:-1] + "ies"
    yield from (word + "s", word + "es", word + "ed", word + "d", word.removesuffix("e") + "ing")


PLAIN = set(re.findall(r"\w+", PAGE.partition("may be part of a class name:")[2]))
ENDINGS = set(_parts("ErrorRowInOutFileEntrySettingsKindStatePhaseModeSummaryTotalCountsRuleRules"))
KNOWN = {form for word in WORDS for part in re.findall(r"\w+", word) for form in _forms(part)}


def test_every_room_is_in_the_glossary():
    rooms = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    rooms = {room.removeprefix("ocr_pipeline.") for room in rooms} - {"ocr_pipeline"}
    assert rooms == ROOMS


def test_every_public_class_is_composed_of_words_of_the_glossary():
    known = KNOWN | ENDINGS | PLAIN
    strange = [
        f"{file}: {name}: not in docs/glossary.md: {part}"
        for name, file, _ in _classes()
        for part in _parts(name)
        if part not in known
    ]
    assert len(_classes()) > 500 and not strange, "\n".join(strange)


def test_no_two_public_classes_share_a_name():
    assert [name for name, count in Counter(c[0] for c in _classes()).items() if count > 1] == []


def test_exceptions_and_nothing_else_end_in_error():
    bases = {name: heirs for name, _, heirs in _classes()}

    def is_exception(name):
        if name.endswith("Exception"):  # of a library
            return True
        builtin = getattr(builtins, name, None)
        if isinstance(builtin, type) and issubclass(builtin, BaseException):
            return True
        return any(is_exception(base.rpartition(".")[2]) for base in bases.get(name, []))

    assert {name for name in bases if name.endswith("Error") != is_exception(name)} == set()


def test_no_module_has_a_forbidden_name():
    found = [str(path.relative_to(ROOT)) for path in _modules() if path.stem in FORBIDDEN]
    assert found == []


def _marked(word):
    needs_torch = "`training.fine_tuning" in WORDS[word][2]  # the quick tests do without
    return pytest.param(word, marks=[pytest.mark.long] if needs_torch else [])


@pytest.mark.parametrize("word", [_marked(word) for word in WORDS])
def test_a_glossary_word_points_to_a_name_that_exists(word, request):
    if request.node.get_closest_marker("long"):
        pytest.importorskip("torch")
    for name in re.findall(r"`([\w.]+)`", WORDS[word][2]):
        full = name if name.startswith("review_ui") else f"ocr_pipeline.{name}"
        module, _, last = full.rpartition(".")
        if last[0].isupper() or not _is_module(full):
            assert hasattr(import_module(module), last), full


def _is_module(name):
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_no_word_is_explained_twice_and_every_word_is_explained_whole():
    words = [row[0] for row in _ROWS]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [row[0] for row in _ROWS if not all(row) or not row[-1].endswith((".", "?", "…"))] == []
