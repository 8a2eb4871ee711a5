"""What people are told when something is not kept (`messages.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ocr_pipeline.data_files import WordPair, load_data
from ocr_pipeline.errors import Text

MessageFile = dict[str, WordPair]
"""`messages.yaml`, by name."""


def message(name: str) -> Text:
    """A message by its name."""
    return _messages()[name]


@cache
def _messages() -> Mapping[str, Text]:
    return load_data(Path(__file__).with_name("messages.yaml"), MessageFile)
