"""What people are told when something is not kept (`messages.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from ocr_pipeline.errors import Text


def message(name: str) -> Text:
    """A message by its name."""
    return _messages()[name]


@cache
def _messages() -> Mapping[str, Text]:
    path = Path(__file__).with_name("messages.yaml")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: Text(vi, en) for name, (vi, en) in data.items()}
