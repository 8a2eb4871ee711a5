"""What kinds of fields, kinds of pages and stages are called in reports (`titles.yaml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from ocr_pipeline.checks.rule_wording import wording
from ocr_pipeline.data_files import Strict, WordPair, load_data
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import BY_HAND
from ocr_pipeline.registers.fields import FieldKind
from ocr_pipeline.store.states import PageKind


class TitleFile(Strict):
    """`titles.yaml`: names of kinds of fields, kinds of pages, and stages."""

    kind: dict[FieldKind, WordPair]
    page: dict[PageKind, WordPair]
    stage: dict[str, WordPair]


def title(group: Literal["kind", "page", "stage"], id: str) -> Text:
    """What `id` is called; `group` is `kind`, `page` or `stage`. An unknown one is its own name."""
    words: dict[str, Text] = getattr(_words(), group)
    return words.get(id, Text(id, id))


def rule_title(rule: str) -> Text:
    """What a rule objects to, without the value that it objects to."""
    return BY_HAND.message if rule == BY_HAND.rule else wording(rule)


@cache
def _words() -> TitleFile:
    return load_data(Path(__file__).with_name("titles.yaml"), TitleFile)
