"""What kinds of fields, kinds of pages and stages are called in reports (`titles.yaml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from ocr_pipeline.checks.rule_wording import wording
from ocr_pipeline.errors import Text
from ocr_pipeline.processing.page import BY_HAND


def title(group: str, id: str) -> Text:
    """What `id` is called; `group` is `kind`, `page` or `stage`. An unknown one is its own name."""
    words = _words()[group].get(id)
    return Text(*words) if words else Text(id, id)


def rule_title(rule: str) -> Text:
    """What a rule objects to, without the value that it objects to."""
    return BY_HAND.message if rule == BY_HAND.rule else wording(rule)


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    path = Path(__file__).with_name("titles.yaml")
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
