"""Writings that stand for something else: ditto marks, dashes for "nothing"."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ocr_pipeline.registers.fields import Special


@cache
def _marks() -> dict[str, Any]:
    data = yaml.safe_load((Path(__file__).parent / "data" / "marks.yaml").read_text("utf-8"))
    words = ("ditto", "ditto_misread", "nothing")
    return {**data, **{name: frozenset(_bare(word) for word in data[name]) for name in words}}


def _bare(text: str) -> str:
    return "".join(text.lower().split())


def special_of(text: str, kind: str = "", ink_mm2: float = 99.0) -> Special | None:
    """`DITTO` where the writing says "as above"; None for ordinary text.

    Args:
        text: the network's own reading.
        kind: of the field; some kinds hold nothing as small as two short strokes.
        ink_mm2: ink of the field.

    """
    marks = _marks()
    if _bare(text) in marks["ditto"]:
        return Special.DITTO
    if kind in marks["ditto_kinds"] and (
        ink_mm2 < marks["ditto_ink_mm2"]
        or (ink_mm2 < marks["ditto_word_ink_mm2"] and _bare(text) in marks["ditto_misread"])
    ):
        return Special.DITTO
    return None


def means_nothing(text: str) -> bool:
    """Whether the writing only says that there is nothing to write: a dash, a slash, crosses."""
    return bool(text.strip()) and _bare(text) in _marks()["nothing"]
