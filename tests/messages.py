"""Every message of the software in both languages: code, help, data files, screens, templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.builders.source_trees import ROOT, modules, tree_of

MARKED = re.compile(r"[À-ÖØ-öø-ỹ]")
#: Files of data that hold no messages: values of registers, layouts, templates.
_NO_MESSAGES = ("text/data", "registers/data/templates", "reading/data", "inventory.yaml")
_CALLS = re.compile(r'\b(?:both|w|tile)\(([^()]*?"[^"]*")\s*,\s*("[^"]*")')


@dataclass(frozen=True)
class Message:
    """One message: `place` is its file and line or key; a language that is not given is ""."""

    place: str
    vi: str
    en: str


@cache
def all_messages() -> list[Message]:
    """All messages of both packages, in the order of their files."""
    found = [*_of_code(), *_of_data(), *_of_screens(), *_of_templates()]
    return [message for message in found if {message.vi, message.en} != {"{}"}]


def _of_code() -> Iterator[Message]:
    for path in modules():
        tree = tree_of(path)
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) == "Text" and len(node.args) == 2:
                yield Message(f"{where}:{node.lineno}", *map(_words, node.args))
        if "/cli/" in where:
            yield from _of_help(tree, where)


def _of_help(tree: ast.AST, where: str) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "help":
            words = _words(node.value)
            vi, split, en = words.partition("\n\n" if "\n\n" in words else " / ")
            if split:
                yield Message(f"{where}:{node.value.lineno}", vi, en)
        if isinstance(node, ast.FunctionDef):
            vi, _, en = (ast.get_docstring(node) or "").partition("\n\n")
            if MARKED.search(vi):
                yield Message(f"{where}:{node.lineno}", vi, en)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _words(node: ast.expr) -> str:
    """What a literal says; `{}` stands for what is filled in, and for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _words(part) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left) + _words(node.right)
    return "{}"


def _of_data() -> Iterator[Message]:
    for path in sorted((ROOT / "ocr_pipeline").rglob("*.yaml")):
        where = path.relative_to(ROOT).as_posix()
        if not any(part in where for part in _NO_MESSAGES):
            yield from _pairs(yaml.safe_load(path.read_text(encoding="utf-8")), where)


def _pairs(node: Any, where: str) -> Iterator[Message]:
    """`{vi, en}`, `{do_vi, do_en}` and `[Vietnamese, English]` anywhere in a data file."""
    if isinstance(node, dict):
        for vi, en in (("vi", "en"), ("do_vi", "do_en")):
            if vi in node:
                yield Message(where, str(node[vi]), str(node[en]))
        for key, value in node.items():
            yield from _pairs(value, f"{where}:{key}" if where.count(":") < 2 else where)
    elif isinstance(node, list):
        if len(node) == 2 and all(isinstance(one, str) for one in node) and _is_pair(*node):
            yield Message(where, *node)
        for value in node:
            yield from _pairs(value, where)


def _is_pair(vi: str, en: str) -> bool:
    return bool(MARKED.search(vi)) and not MARKED.search(en)


def _of_screens() -> Iterator[Message]:
    trees = {}
    for language in ("vi", "en"):
        path = ROOT / "review_ui" / "i18n" / f"{language}.yaml"
        trees[language] = dict(_leaves(yaml.safe_load(path.read_text(encoding="utf-8"))))
    for key, words in trees["vi"].items():
        yield Message(f"review_ui/i18n:{key}", words, trees["en"].get(key, ""))


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, f"{key}.{name}" if key else str(name))
    else:
        yield key, str(node)


def _of_templates() -> Iterator[Message]:
    for path in sorted((ROOT / "ocr_pipeline").rglob("report.*")):
        if path.suffix in (".html", ".txt"):
            for call in _CALLS.finditer(path.read_text(encoding="utf-8")):
                vi = " ".join(re.findall(r'"([^"]*)"', call[1]))
                yield Message(path.relative_to(ROOT).as_posix(), vi, call[2].strip('"'))
