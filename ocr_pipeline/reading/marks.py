"""Writings that stand for something else: ditto marks, dashes for "nothing"."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from ocr_pipeline.registers.fields import Special


@cache
def _marks() -> dict[str, frozenset[str]]:
    data = yaml.safe_load((Path(__file__).parent / "data" / "marks.yaml").read_text("utf-8"))
    return {name: frozenset(_bare(word) for word in words) for name, words in data.items()}


def _bare(text: str) -> str:
    return "".join(text.lower().split())


def special_of(text: str) -> Special | None:
    """`DITTO` where the writing says "as above"; None for ordinary text."""
    return Special.DITTO if _bare(text) in _marks()["ditto"] else None


def means_nothing(text: str) -> bool:
    """Whether the writing only says that there is nothing to write: a dash, a slash, crosses."""
    return bool(text.strip()) and _bare(text) in _marks()["nothing"]
